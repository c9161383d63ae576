// The route of `errors` as a Node function: the Runtime API over plain HTTP, DynamoDB with the AWS SDK v3.
// `DYNAMODB_CALL` has the request (`<operation> <body>`).
const http = require('node:http');
const dynamodb = require('@aws-sdk/client-dynamodb');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const [operation, input] = process.env.DYNAMODB_CALL.split(/ (.*)/s);
const client = new dynamodb.DynamoDBClient({});
const Command = dynamodb[`${operation}Command`];

async function serve() {
  for (;;) {
    const event = await call('GET', 'next');
    JSON.parse(event.body);
    const result = await client.send(new Command(JSON.parse(input)));
    const reply = { statusCode: 200, headers: {}, body: JSON.stringify(result.Items) };
    await call('POST', `${event.headers['lambda-runtime-aws-request-id']}/response`, JSON.stringify(reply));
  }
}

serve();
