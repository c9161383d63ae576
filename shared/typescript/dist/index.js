// Contains openapi-fetch and openapi-typescript-helpers, Copyright (c) 2023 Drew Powers, MIT License.
//#region node_modules/openapi-fetch/dist/index.mjs
const PATH_PARAM_RE = /\{[^{}]+\}/g;
const supportsRequestInitExt = () => {
	return typeof process === "object" && Number.parseInt(process?.versions?.node?.substring(0, 2)) >= 18 && process.versions.undici;
};
function randomID() {
	return Math.random().toString(36).slice(2, 11);
}
function createClient(clientOptions) {
	let { baseUrl = "", Request: CustomRequest = globalThis.Request, fetch: baseFetch = globalThis.fetch, querySerializer: globalQuerySerializer, bodySerializer: globalBodySerializer, pathSerializer: globalPathSerializer, headers: baseHeaders, requestInitExt = void 0, ...baseOptions } = { ...clientOptions };
	requestInitExt = supportsRequestInitExt() ? requestInitExt : void 0;
	baseUrl = removeTrailingSlash(baseUrl);
	const globalMiddlewares = [];
	async function coreFetch(schemaPath, fetchOptions) {
		const { baseUrl: localBaseUrl, fetch = baseFetch, Request = CustomRequest, headers, params = {}, parseAs = "json", querySerializer: requestQuerySerializer, bodySerializer = globalBodySerializer ?? defaultBodySerializer, pathSerializer: requestPathSerializer, body, middleware: requestMiddlewares = [], ...init } = fetchOptions || {};
		let finalBaseUrl = baseUrl;
		if (localBaseUrl) finalBaseUrl = removeTrailingSlash(localBaseUrl) ?? baseUrl;
		let querySerializer = typeof globalQuerySerializer === "function" ? globalQuerySerializer : createQuerySerializer(globalQuerySerializer);
		if (requestQuerySerializer) querySerializer = typeof requestQuerySerializer === "function" ? requestQuerySerializer : createQuerySerializer({
			...typeof globalQuerySerializer === "object" ? globalQuerySerializer : {},
			...requestQuerySerializer
		});
		const pathSerializer = requestPathSerializer || globalPathSerializer || defaultPathSerializer;
		const serializedBody = body === void 0 ? void 0 : bodySerializer(body, mergeHeaders(baseHeaders, headers, params.header));
		const finalHeaders = mergeHeaders(serializedBody === void 0 || serializedBody instanceof FormData ? {} : { "Content-Type": "application/json" }, baseHeaders, headers, params.header);
		const finalMiddlewares = [...globalMiddlewares, ...requestMiddlewares];
		const requestInit = {
			redirect: "follow",
			...baseOptions,
			...init,
			body: serializedBody,
			headers: finalHeaders
		};
		let id;
		let options;
		let request = new Request(createFinalURL(schemaPath, {
			baseUrl: finalBaseUrl,
			params,
			querySerializer,
			pathSerializer
		}), requestInit);
		let response;
		for (const key in init) if (!(key in request)) request[key] = init[key];
		if (finalMiddlewares.length) {
			id = randomID();
			options = Object.freeze({
				baseUrl: finalBaseUrl,
				fetch,
				parseAs,
				querySerializer,
				bodySerializer,
				pathSerializer
			});
			for (const m of finalMiddlewares) if (m && typeof m === "object" && typeof m.onRequest === "function") {
				const result = await m.onRequest({
					request,
					schemaPath,
					params,
					options,
					id
				});
				if (result) if (result instanceof Request) request = result;
				else if (result instanceof Response) {
					response = result;
					break;
				} else throw new Error("onRequest: must return new Request() or Response() when modifying the request");
			}
		}
		if (!response) {
			try {
				response = await fetch(request, requestInitExt);
			} catch (error2) {
				let errorAfterMiddleware = error2;
				if (finalMiddlewares.length) for (let i = finalMiddlewares.length - 1; i >= 0; i--) {
					const m = finalMiddlewares[i];
					if (m && typeof m === "object" && typeof m.onError === "function") {
						const result = await m.onError({
							request,
							error: errorAfterMiddleware,
							schemaPath,
							params,
							options,
							id
						});
						if (result) {
							if (result instanceof Response) {
								errorAfterMiddleware = void 0;
								response = result;
								break;
							}
							if (result instanceof Error) {
								errorAfterMiddleware = result;
								continue;
							}
							throw new Error("onError: must return new Response() or instance of Error");
						}
					}
				}
				if (errorAfterMiddleware) throw errorAfterMiddleware;
			}
			if (finalMiddlewares.length) for (let i = finalMiddlewares.length - 1; i >= 0; i--) {
				const m = finalMiddlewares[i];
				if (m && typeof m === "object" && typeof m.onResponse === "function") {
					const result = await m.onResponse({
						request,
						response,
						schemaPath,
						params,
						options,
						id
					});
					if (result) {
						if (!(result instanceof Response)) throw new Error("onResponse: must return new Response() when modifying the response");
						response = result;
					}
				}
			}
		}
		const contentLength = response.headers.get("Content-Length");
		if (response.status === 204 || request.method === "HEAD" || contentLength === "0" && !response.headers.get("Transfer-Encoding")?.includes("chunked")) return response.ok ? {
			data: void 0,
			response
		} : {
			error: void 0,
			response
		};
		if (response.ok) {
			const getResponseData = async () => {
				if (parseAs === "stream") return response.body;
				if (parseAs === "json" && !contentLength) {
					const raw = await response.text();
					return raw ? JSON.parse(raw) : void 0;
				}
				return await response[parseAs]();
			};
			return {
				data: await getResponseData(),
				response
			};
		}
		let error = await response.text();
		try {
			error = JSON.parse(error);
		} catch {}
		return {
			error,
			response
		};
	}
	return {
		request(method, url, init) {
			return coreFetch(url, {
				...init,
				method: method.toUpperCase()
			});
		},
		/** Call a GET endpoint */
		GET(url, init) {
			return coreFetch(url, {
				...init,
				method: "GET"
			});
		},
		/** Call a PUT endpoint */
		PUT(url, init) {
			return coreFetch(url, {
				...init,
				method: "PUT"
			});
		},
		/** Call a POST endpoint */
		POST(url, init) {
			return coreFetch(url, {
				...init,
				method: "POST"
			});
		},
		/** Call a DELETE endpoint */
		DELETE(url, init) {
			return coreFetch(url, {
				...init,
				method: "DELETE"
			});
		},
		/** Call a OPTIONS endpoint */
		OPTIONS(url, init) {
			return coreFetch(url, {
				...init,
				method: "OPTIONS"
			});
		},
		/** Call a HEAD endpoint */
		HEAD(url, init) {
			return coreFetch(url, {
				...init,
				method: "HEAD"
			});
		},
		/** Call a PATCH endpoint */
		PATCH(url, init) {
			return coreFetch(url, {
				...init,
				method: "PATCH"
			});
		},
		/** Call a TRACE endpoint */
		TRACE(url, init) {
			return coreFetch(url, {
				...init,
				method: "TRACE"
			});
		},
		/** Register middleware */
		use(...middleware) {
			for (const m of middleware) {
				if (!m) continue;
				if (typeof m !== "object" || !("onRequest" in m || "onResponse" in m || "onError" in m)) throw new Error("Middleware must be an object with one of `onRequest()`, `onResponse() or `onError()`");
				globalMiddlewares.push(m);
			}
		},
		/** Unregister middleware */
		eject(...middleware) {
			for (const m of middleware) {
				const i = globalMiddlewares.indexOf(m);
				if (i !== -1) globalMiddlewares.splice(i, 1);
			}
		}
	};
}
function serializePrimitiveParam(name, value, options) {
	if (value === void 0 || value === null) return "";
	if (typeof value === "object") throw new Error("Deeply-nested arrays/objects aren’t supported. Provide your own `querySerializer()` to handle these.");
	return `${name}=${options?.allowReserved === true ? value : encodeURIComponent(value)}`;
}
function serializeObjectParam(name, value, options) {
	if (!value || typeof value !== "object") return "";
	const values = [];
	const joiner = {
		simple: ",",
		label: ".",
		matrix: ";"
	}[options.style] || "&";
	if (options.style !== "deepObject" && options.explode === false) {
		for (const k in value) values.push(k, options.allowReserved === true ? value[k] : encodeURIComponent(value[k]));
		const final2 = values.join(",");
		switch (options.style) {
			case "form": return `${name}=${final2}`;
			case "label": return `.${final2}`;
			case "matrix": return `;${name}=${final2}`;
			default: return final2;
		}
	}
	for (const k in value) {
		const finalName = options.style === "deepObject" ? `${name}[${k}]` : k;
		values.push(serializePrimitiveParam(finalName, value[k], options));
	}
	const final = values.join(joiner);
	return options.style === "label" || options.style === "matrix" ? `${joiner}${final}` : final;
}
function serializeArrayParam(name, value, options) {
	if (!Array.isArray(value)) return "";
	if (options.explode === false) {
		const joiner2 = {
			form: ",",
			spaceDelimited: "%20",
			pipeDelimited: "|"
		}[options.style] || ",";
		const final = (options.allowReserved === true ? value : value.map((v) => encodeURIComponent(v))).join(joiner2);
		switch (options.style) {
			case "simple": return final;
			case "label": return `.${final}`;
			case "matrix": return `;${name}=${final}`;
			default: return `${name}=${final}`;
		}
	}
	const joiner = {
		simple: ",",
		label: ".",
		matrix: ";"
	}[options.style] || "&";
	const values = [];
	for (const v of value) if (options.style === "simple" || options.style === "label") values.push(options.allowReserved === true ? v : encodeURIComponent(v));
	else values.push(serializePrimitiveParam(name, v, options));
	return options.style === "label" || options.style === "matrix" ? `${joiner}${values.join(joiner)}` : values.join(joiner);
}
function createQuerySerializer(options) {
	return function querySerializer(queryParams) {
		const search = [];
		if (queryParams && typeof queryParams === "object") for (const name in queryParams) {
			const value = queryParams[name];
			if (value === void 0 || value === null) continue;
			if (Array.isArray(value)) {
				if (value.length === 0) continue;
				search.push(serializeArrayParam(name, value, {
					style: "form",
					explode: true,
					...options?.array,
					allowReserved: options?.allowReserved || false
				}));
				continue;
			}
			if (typeof value === "object") {
				search.push(serializeObjectParam(name, value, {
					style: "deepObject",
					explode: true,
					...options?.object,
					allowReserved: options?.allowReserved || false
				}));
				continue;
			}
			search.push(serializePrimitiveParam(name, value, options));
		}
		return search.join("&");
	};
}
function defaultPathSerializer(pathname, pathParams) {
	let nextURL = pathname;
	for (const match of pathname.match(PATH_PARAM_RE) ?? []) {
		let name = match.substring(1, match.length - 1);
		let explode = false;
		let style = "simple";
		if (name.endsWith("*")) {
			explode = true;
			name = name.substring(0, name.length - 1);
		}
		if (name.startsWith(".")) {
			style = "label";
			name = name.substring(1);
		} else if (name.startsWith(";")) {
			style = "matrix";
			name = name.substring(1);
		}
		if (!pathParams || pathParams[name] === void 0 || pathParams[name] === null) continue;
		const value = pathParams[name];
		if (Array.isArray(value)) {
			nextURL = nextURL.replace(match, serializeArrayParam(name, value, {
				style,
				explode
			}));
			continue;
		}
		if (typeof value === "object") {
			nextURL = nextURL.replace(match, serializeObjectParam(name, value, {
				style,
				explode
			}));
			continue;
		}
		if (style === "matrix") {
			nextURL = nextURL.replace(match, `;${serializePrimitiveParam(name, value)}`);
			continue;
		}
		nextURL = nextURL.replace(match, style === "label" ? `.${encodeURIComponent(value)}` : encodeURIComponent(value));
	}
	return nextURL;
}
function defaultBodySerializer(body, headers) {
	if (body instanceof FormData) return body;
	if (headers) {
		if ((headers.get instanceof Function ? headers.get("Content-Type") ?? headers.get("content-type") : headers["Content-Type"] ?? headers["content-type"]) === "application/x-www-form-urlencoded") return new URLSearchParams(body).toString();
	}
	return JSON.stringify(body);
}
function createFinalURL(pathname, options) {
	let finalURL = `${options.baseUrl}${pathname}`;
	if (options.params?.path) finalURL = options.pathSerializer(finalURL, options.params.path);
	let search = options.querySerializer(options.params.query ?? {});
	if (search.startsWith("?")) search = search.substring(1);
	if (search) finalURL += `?${search}`;
	return finalURL;
}
function mergeHeaders(...allHeaders) {
	const finalHeaders = new Headers();
	for (const h of allHeaders) {
		if (!h || typeof h !== "object") continue;
		const iterator = h instanceof Headers ? h.entries() : Object.entries(h);
		for (const [k, v] of iterator) if (v === null) finalHeaders.delete(k);
		else if (Array.isArray(v)) for (const v2 of v) finalHeaders.append(k, v2);
		else if (v !== void 0) finalHeaders.set(k, v);
	}
	return finalHeaders;
}
function removeTrailingSlash(url) {
	if (url.endsWith("/")) return url.substring(0, url.length - 1);
	return url;
}
//#endregion
//#region src/client.ts
/** A refused request, where a helper of several requests throws it. */
var RefusedError = class extends Error {
	refusal;
	status;
	constructor(refusal, status) {
		super(refusal.error.message);
		this.name = "RefusedError";
		this.refusal = refusal;
		this.status = status;
	}
};
function createRoutes(baseUrl, send) {
	const routes = createClient({
		baseUrl,
		fetch: send
	});
	routes.use(normalizeRefusals);
	return routes;
}
/** Processes an intent with the types of its action. */
async function act(routes, request, { idempotencyKey, signal } = {}) {
	return await routes.POST("/api/plugin-engine", {
		body: request,
		...idempotencyKey !== void 0 && { params: { header: { "Idempotency-Key": idempotencyKey } } },
		...signal && { signal }
	});
}
/** Converts refusals by a gateway or proxy in front of the engine into a `Refusal`. */
const normalizeRefusals = { async onResponse({ response }) {
	if (response.status < 400 || isRefusal(await json(response.clone()))) return;
	const refusal = {
		error: {
			code: codeOf(response.status),
			message: response.statusText || `HTTP ${response.status}`,
			outcome: response.status < 500 ? "none" : "unknown",
			action: response.status < 500 && response.status !== 429 ? "fix" : "retry"
		},
		requestId: response.headers.get("x-request-id") ?? response.headers.get("apigw-requestid") ?? ""
	};
	const headers = new Headers(response.headers);
	headers.set("content-type", "application/json");
	headers.delete("content-length");
	headers.delete("content-encoding");
	return new Response(JSON.stringify(refusal), {
		status: response.status,
		statusText: response.statusText,
		headers
	});
} };
async function json(response) {
	try {
		return await response.json();
	} catch {
		return;
	}
}
/** Returns true if the body is a refusal by the engine itself. */
function isRefusal(body) {
	return typeof body === "object" && body !== null && "error" in body && "requestId" in body;
}
function codeOf(status) {
	switch (status) {
		case 401: return "UNAUTHORIZED";
		case 403: return "FORBIDDEN";
		case 404: return "NOT_FOUND";
		case 405: return "METHOD_NOT_ALLOWED";
		case 413: return "TOO_LARGE";
		case 429: return "RATE_LIMITED";
		default: return status < 500 ? "INVALID_FIELD" : "UNAVAILABLE";
	}
}
//#endregion
//#region src/answers.ts
/** The pause after a refusal that does not say when a retry makes sense. */
const PAUSE_MS = 1e3;
/** The longest time of a request. The engine holds a request for a task up to 20 s, and a gateway a request up to 30 s. */
const LONGEST_REQUEST_MS = 3e4;
/** Answers a request whose answer is lost as a gateway does. */
function answered(send) {
	return async (request) => {
		try {
			const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_REQUEST_MS)]);
			const response = await send(new Request(request, { signal }));
			const text = await response.clone().text();
			if (response.ok) JSON.parse(text);
			return response;
		} catch {
			return new Response(null, {
				status: 504,
				statusText: "No answer"
			});
		}
	};
}
/** Returns the milliseconds until a retry makes sense, by the refusal if it says so. */
function retryPause({ error }, otherwise) {
	return error.retryAfterMs ?? otherwise;
}
function sleep(milliseconds, signal) {
	return new Promise((resolve, reject) => {
		signal?.throwIfAborted();
		const timer = setTimeout(done, milliseconds);
		function abort() {
			clearTimeout(timer);
			reject(signal?.reason);
		}
		function done() {
			signal?.removeEventListener("abort", abort);
			resolve();
		}
		signal?.addEventListener("abort", abort, { once: true });
	});
}
//#endregion
//#region src/calls.ts
/** The time after which an unanswered call is given up. */
const REPEATED_FOR_MS = 12e4;
/** The text for a model whose call may have been done. */
const UNCERTAIN = "It is not certain whether this was done. Do not repeat it: look with a reading tool, or let the person look.";
async function call(routes, request, signal) {
	return await routes.POST("/api/plugin-engine/call", {
		body: request,
		...signal && { signal }
	});
}
/** Makes a model's call, and repeats it with the same id until it is answered: the engine runs an id once. */
async function answeredCall(routes, request) {
	const limit = Date.now() + REPEATED_FOR_MS;
	let uncertain = false;
	for (let pause = PAUSE_MS;; pause *= 2) {
		const { data, error, response } = await call(routes, request);
		if (data) return data;
		if (response.status === 401) throw new RefusedError(error, response.status);
		const unanswered = response.status >= 500 || error.error.code === "IDEMPOTENCY_IN_PROGRESS";
		uncertain ||= unanswered;
		const repeatable = unanswered || response.status === 429;
		const left = limit - Date.now();
		const wait = retryPause(error, pause);
		if (!repeatable || left <= 0 || wait > left && !uncertain) return {
			content: uncertain ? UNCERTAIN : `${error.error.code}: ${error.error.message}`,
			isError: true
		};
		await sleep(Math.min(left, wait));
	}
}
//#endregion
//#region src/files.ts
/** An upload that the bucket did not take. */
var UploadError = class extends Error {
	status;
	constructor(fileId, status) {
		super(`The bytes of ${fileId} were not stored: HTTP ${status}`);
		this.name = "UploadError";
		this.status = status;
	}
};
async function uploadFile(routes, send, file, signal) {
	const content = new Blob([file.content]);
	const contentType = (file.contentType ?? (file.content instanceof Blob ? file.content.type : "")) || "application/octet-stream";
	const { data, error, response } = await routes.POST("/api/plugin-engine/files", {
		body: {
			filename: file.filename,
			contentType,
			size: content.size
		},
		...signal && { signal }
	});
	if (error) throw new RefusedError(error, response.status);
	const { method, url, headers } = data.upload;
	const stored = await send(new Request(url, {
		method,
		headers,
		body: content,
		...signal && { signal }
	}));
	await stored.body?.cancel();
	if (!stored.ok) throw new UploadError(data.fileId, stored.status);
	return data.fileId;
}
//#endregion
//#region src/tasks.ts
/** A task that neither ended nor needs a person within the time limit. */
var TimeLimitError = class extends Error {
	/** The task as it was last seen. */
	task;
	constructor(taskId, timeoutMs, task) {
		super(`The task ${taskId} did not end within ${timeoutMs} ms`);
		this.name = "TimeLimitError";
		this.task = task;
	}
};
/** The longest time that the engine holds a request, in seconds. */
const LONGEST_WAIT = 20;
/** The longest pause: a task can be due in months, or cancelled before, and a timer holds 24 days at most. */
const LONGEST_PAUSE_MS = 36e5;
async function until(routes, taskId, { timeoutMs = 6e5, signal } = {}) {
	const limit = Date.now() + timeoutMs;
	let task;
	for (;;) {
		const wait = Math.min(LONGEST_WAIT, Math.max(1, Math.ceil((limit - Date.now()) / 1e3)));
		const { data, error, response } = await routes.GET("/api/plugin-engine/tasks", {
			params: { query: {
				taskId,
				wait
			} },
			...signal && { signal }
		});
		signal?.throwIfAborted();
		let pause;
		if (error) {
			if (error.error.action !== "retry" && response.status < 500) throw new RefusedError(error, response.status);
			pause = retryPause(error, PAUSE_MS);
		} else if ("task" in data) {
			({task, retryAfterMs: pause} = data);
			if (pause === void 0) return task;
		}
		pause ??= PAUSE_MS;
		if (Date.now() + pause >= limit) throw new TimeLimitError(taskId, timeoutMs, task);
		await sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
	}
}
//#endregion
//#region src/tokens.ts
/** Sends the token with every request. After a 401 the request is repeated once: a refusal for its token had no effect. */
function authorized(token) {
	if (typeof token === "string") return (send) => (request) => send(withToken(request, token));
	let latest;
	/** The token after a 401. `known` is the renewal that had ended before the request: a later one is shared. */
	const insteadOf = async (rejected, known) => {
		const current = await token({ renew: false });
		if (current !== rejected) return current;
		if (!latest || latest === known || latest.rejected !== rejected) latest = renewal(rejected, Promise.resolve(token({ renew: true })));
		return latest.token;
	};
	return (send) => async (request) => {
		const repetition = request.clone();
		const known = latest?.ended ? latest : void 0;
		const current = await token({ renew: false });
		const response = await send(withToken(request, current));
		if (response.status !== 401) return response;
		await response.body?.cancel();
		return send(withToken(repetition, await insteadOf(current, known)));
	};
}
function renewal(rejected, token) {
	const started = {
		rejected,
		token,
		ended: false
	};
	const end = () => void (started.ended = true);
	token.then(end, end);
	return started;
}
function withToken(request, token) {
	request.headers.set("authorization", `Bearer ${token}`);
	return request;
}
//#endregion
//#region src/tools.ts
/** A tool call that failed. The message is the content for the model. */
var ToolCallError = class extends Error {
	constructor(content) {
		super(content);
		this.name = "ToolCallError";
	}
};
const FORMS = {
	openai: async (list, run) => (await list("openai")).map((tool) => runnable(tool, run)),
	"openai-responses": async (list) => await list("openai-responses"),
	anthropic: async (list, run) => (await list("anthropic")).map((tool) => ({
		...tool,
		parse: (content) => content,
		run: async (input, context) => successful(await run(tool.name, input, context?.toolUse.id))
	})),
	ai: async (list, run) => Object.fromEntries((await list("mcp")).map(({ name, description, inputSchema }) => [name, {
		description,
		inputSchema: {
			[Symbol.for("vercel.ai.schema")]: true,
			jsonSchema: inputSchema,
			validate: void 0
		},
		execute: async (input, { toolCallId }) => successful(await run(name, input, toolCallId))
	}])),
	gemini: async (list, run) => (await list("gemini")).map((definition) => ({
		tool: async () => definition,
		callTool: (calls) => Promise.all(calls.map((call) => geminiPart(call, run)))
	}))
};
/** Lists the tools with `routes`, and makes the calls with the routes that answer in the place of a lost answer. */
function createToolsFor(routes, answering) {
	return async (form, { filters, ...fields }, tool) => {
		const list = (format) => definitions(routes, {
			...filters,
			format
		});
		const run = (name, input, callId = crypto.randomUUID()) => answeredCall(answering, {
			...fields,
			name,
			arguments: input,
			callId
		});
		if (form !== "langchain") return FORMS[form](list, run);
		return (await list("mcp")).map(({ name, description, inputSchema }) => tool?.(async (input, { toolCall }) => (await run(name, input, toolCall?.id)).content, {
			name,
			description,
			schema: inputSchema
		}));
	};
}
async function definitions(routes, query) {
	const { data, error, response } = await routes.GET("/api/plugin-engine", { params: { query } });
	if (error) throw new RefusedError(error, response.status);
	return data.tools;
}
/** Returns the content; throws it if the call failed, for SDKs that mark what is thrown as an error for the model. */
function successful({ content, isError }) {
	if (isError) throw new ToolCallError(content);
	return content;
}
function runnable(tool, run) {
	const { name } = tool.function;
	const execute = async (input, { messages }) => (await run(name, input, openAiCallId(messages, name, input))).content;
	return {
		...tool,
		function: {
			...tool.function,
			function: execute
		}
	};
}
/** The ids of a message's calls that have been started. */
const started = /* @__PURE__ */ new WeakMap();
/** The id of a call of `runTools`, which does not pass it: that of the last message's next call with these arguments. */
function openAiCallId(messages, name, input) {
	const calling = messages.findLast((message) => message.tool_calls?.length);
	if (!calling?.tool_calls) return;
	const before = started.get(calling) ?? /* @__PURE__ */ new Set();
	started.set(calling, before);
	const same = calling.tool_calls.filter(({ function: called }) => called?.name === name && called.arguments === input);
	const next = same.find(({ id }) => !before.has(id)) ?? same[0];
	if (next) before.add(next.id);
	return next?.id;
}
async function geminiPart({ id, name = "", args = {} }, run) {
	const { content, isError } = await run(name, args, id);
	return { functionResponse: {
		name,
		response: isError ? { error: content } : { output: content },
		...id && { id }
	} };
}
//#endregion
//#region src/index.ts
/** Creates a client. `GET`, `POST` and so on, `act` and `call` throw only the exceptions of `fetch` and `token`. */
function createPluginEngine({ baseUrl, token, fetch = globalThis.fetch }) {
	const authorize = authorized(token);
	const routes = createRoutes(baseUrl, authorize(fetch));
	const answering = createRoutes(baseUrl, authorize(answered(fetch)));
	return {
		...routes,
		act: (request, options) => act(routes, request, options),
		call: (request, signal) => call(routes, request, signal),
		uploadFile: (file, signal) => uploadFile(routes, fetch, file, signal),
		until: (taskId, options) => until(answering, taskId, options),
		toolsFor: createToolsFor(routes, answering)
	};
}
//#endregion
export { RefusedError, TimeLimitError, ToolCallError, UploadError, createPluginEngine };
