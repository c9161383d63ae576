// Contains openapi-fetch and openapi-typescript-helpers, Copyright (c) 2023 Drew Powers, MIT License.
//#region node_modules/openapi-typescript-helpers/dist/index.d.mts
type HttpMethod = "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace";
type OkStatus = 200 | 201 | 202 | 203 | 204 | 206 | 207 | "2XX";
type ErrorStatus = 500 | 501 | 502 | 503 | 504 | 505 | 506 | 507 | 508 | 510 | 511 | '5XX' | 400 | 401 | 402 | 403 | 404 | 405 | 406 | 407 | 408 | 409 | 410 | 411 | 412 | 413 | 414 | 415 | 416 | 417 | 418 | 420 | 421 | 422 | 423 | 424 | 425 | 426 | 427 | 428 | 429 | 430 | 431 | 444 | 450 | 451 | 497 | 498 | 499 | '4XX' | "default";
type PathsWithMethod<Paths extends {}, PathnameMethod extends HttpMethod> = { [Pathname in keyof Paths]: Paths[Pathname] extends { [K in PathnameMethod]: any } ? Pathname : never }[keyof Paths];
type ResponseObjectMap<T> = T extends {
  responses: any;
} ? T["responses"] : unknown;
type ResponseContent<T> = T extends {
  content: any;
} ? T["content"] : unknown;
type OperationRequestBody<T> = "requestBody" extends keyof T ? T["requestBody"] : never;
type PickRequestBody<T> = "requestBody" extends keyof T ? Pick<T, "requestBody"> : never;
type IsOperationRequestBodyOptional<T> = RequiredKeysOf<PickRequestBody<T>> extends never ? true : false;
type OperationRequestBodyMediaContent<T> = IsOperationRequestBodyOptional<T> extends true ? ResponseContent<NonNullable<OperationRequestBody<T>>> | undefined : ResponseContent<OperationRequestBody<T>>;
type OperationRequestBodyContent<T> = FilterKeys<OperationRequestBodyMediaContent<T>, MediaType> extends never ? FilterKeys<NonNullable<OperationRequestBodyMediaContent<T>>, MediaType> | undefined : FilterKeys<OperationRequestBodyMediaContent<T>, MediaType>;
type SuccessResponse<T extends Record<string | number, any>, Media extends MediaType = MediaType> = GetResponseContent<T, Media, OkStatus>;
type GetResponseContent<T extends Record<string | number, any>, Media extends MediaType = MediaType, ResponseCode extends keyof T = keyof T> = ResponseCode extends keyof T ? { [K in ResponseCode]: T[K]["content"] extends Record<string, any> ? FilterKeys<T[K]["content"], Media> extends never ? T[K]["content"] : FilterKeys<T[K]["content"], Media> : K extends keyof T ? T[K]["content"] : never }[ResponseCode] : never;
type ErrorResponse<T extends Record<string | number, any>, Media extends MediaType = MediaType> = GetResponseContent<T, Media, ErrorStatus>;
type FilterKeys<Obj, Matchers> = Obj[keyof Obj & Matchers];
type MediaType = `${string}/${string}`;
type RequiredKeysOfHelper<T> = { [K in keyof T]: {} extends Pick<T, K> ? never : K }[keyof T];
type RequiredKeysOf<T> = RequiredKeysOfHelper<T> extends undefined ? never : RequiredKeysOfHelper<T>;
type $Read<T> = {
  readonly $read: T;
};
type $Write<T> = {
  readonly $write: T;
};
type Readable<T> = T extends $Write<any> ? never : T extends $Read<infer U> ? Readable<U> : T extends (infer E)[] ? Readable<E>[] : T extends object ? { [K in keyof T as NonNullable<T[K]> extends $Write<any> ? never : K]: Readable<T[K]> } : T;
type Writable<T> = T extends $Read<any> ? never : T extends $Write<infer U> ? Writable<U> : T extends (infer E)[] ? Writable<E>[] : T extends object ? { [K in keyof T as NonNullable<T[K]> extends $Read<any> ? never : K]: Writable<T[K]> } & { [K in keyof T as NonNullable<T[K]> extends $Read<any> ? K : never]?: never } : T;
//#endregion
//#region node_modules/openapi-fetch/dist/index.d.mts
/** Options for each client instance */
interface ClientOptions extends Omit<RequestInit, "headers"> {
  /** set the common root URL for all API requests */
  baseUrl?: string;
  /** custom fetch (defaults to globalThis.fetch) */
  fetch?: (input: Request) => Promise<Response>;
  /** custom Request (defaults to globalThis.Request) */
  Request?: typeof Request;
  /** global querySerializer */
  querySerializer?: QuerySerializer<unknown> | QuerySerializerOptions;
  /** global bodySerializer */
  bodySerializer?: BodySerializer<unknown>;
  /** global pathSerializer */
  pathSerializer?: PathSerializer;
  headers?: HeadersOptions;
  /** RequestInit extension object to pass as 2nd argument to fetch when supported (defaults to undefined) */
  requestInitExt?: Record<string, unknown>;
}
type HeadersOptions = Required<RequestInit>["headers"] | Record<string, string | number | boolean | (string | number | boolean)[] | null | undefined>;
type QuerySerializer<T> = (query: T extends {
  parameters: any;
} ? NonNullable<T["parameters"]["query"]> : Record<string, unknown>) => string;
/** @see https://swagger.io/docs/specification/serialization/#query */
type QuerySerializerOptions = {
  /** Set serialization for arrays. @see https://swagger.io/docs/specification/serialization/#query */array?: {
    /** default: "form" */style: "form" | "spaceDelimited" | "pipeDelimited"; /** default: true */
    explode: boolean;
  }; /** Set serialization for objects. @see https://swagger.io/docs/specification/serialization/#query */
  object?: {
    /** default: "deepObject" */style: "form" | "deepObject"; /** default: true */
    explode: boolean;
  };
  /**
   * The `allowReserved` keyword specifies whether the reserved characters
   * `:/?#[]@!$&'()*+,;=` in parameter values are allowed to be sent as they
   * are, or should be percent-encoded. By default, allowReserved is `false`,
   * and reserved characters are percent-encoded.
   * @see https://swagger.io/docs/specification/serialization/#query
   */
  allowReserved?: boolean;
};
type BodySerializer<T> = (body: OperationRequestBodyContent<T>) => any;
type PathSerializer = (pathname: string, pathParams: Record<string, unknown>) => string;
type BodyType<T = unknown> = {
  json: T;
  text: Awaited<ReturnType<Response["text"]>>;
  blob: Awaited<ReturnType<Response["blob"]>>;
  arrayBuffer: Awaited<ReturnType<Response["arrayBuffer"]>>;
  stream: Response["body"];
};
type ParseAs = keyof BodyType;
type ParseAsResponse<T, Options> = Options extends {
  parseAs: ParseAs;
} ? BodyType<T>[Options["parseAs"]] : T;
interface DefaultParamsOption {
  params?: {
    query?: Record<string, unknown>;
  };
}
type ParamsOption<T> = T extends {
  parameters: any;
} ? RequiredKeysOf<T["parameters"]> extends never ? {
  params?: T["parameters"];
} : {
  params: T["parameters"];
} : DefaultParamsOption; // Writable<T> strips $Read markers (readOnly properties excluded from request body)
type RequestBodyOption<T> = Writable<OperationRequestBodyContent<T>> extends never ? {
  body?: never;
} : IsOperationRequestBodyOptional<T> extends true ? {
  body?: Writable<OperationRequestBodyContent<T>>;
} : {
  body: Writable<OperationRequestBodyContent<T>>;
};
type FetchOptions<T> = RequestOptions<T> & Omit<RequestInit, "body" | "headers">; // Readable<T> strips $Write markers (writeOnly properties excluded from response)
type FetchResponse<T extends Record<string | number, any>, Options, Media extends MediaType> = {
  data: ParseAsResponse<Readable<SuccessResponse<ResponseObjectMap<T>, Media>>, Options>;
  error?: never;
  response: Response;
} | {
  data?: never;
  error: Readable<ErrorResponse<ResponseObjectMap<T>, Media>>;
  response: Response;
};
type RequestOptions<T> = ParamsOption<T> & RequestBodyOption<T> & {
  baseUrl?: string;
  querySerializer?: QuerySerializer<T> | QuerySerializerOptions;
  bodySerializer?: BodySerializer<T>;
  pathSerializer?: PathSerializer;
  parseAs?: ParseAs;
  fetch?: ClientOptions["fetch"];
  headers?: HeadersOptions;
  middleware?: Middleware[];
};
type MergedOptions<T = unknown> = {
  baseUrl: string;
  parseAs: ParseAs;
  querySerializer: QuerySerializer<T>;
  bodySerializer: BodySerializer<T>;
  pathSerializer: PathSerializer;
  fetch: typeof globalThis.fetch;
};
interface MiddlewareRequestParams {
  query?: Record<string, unknown>;
  header?: Record<string, unknown>;
  path?: Record<string, unknown>;
  cookie?: Record<string, unknown>;
}
interface MiddlewareCallbackParams {
  /** Current Request object */
  request: Request;
  /** The original OpenAPI schema path (including curly braces) */
  readonly schemaPath: string;
  /** OpenAPI parameters as provided from openapi-fetch */
  readonly params: MiddlewareRequestParams;
  /** Unique ID for this request */
  readonly id: string;
  /** createClient options (read-only) */
  readonly options: MergedOptions;
}
type MiddlewareOnRequest = (options: MiddlewareCallbackParams) => void | Request | Response | undefined | Promise<Request | Response | undefined | void>;
type MiddlewareOnResponse = (options: MiddlewareCallbackParams & {
  response: Response;
}) => void | Response | undefined | Promise<Response | undefined | void>;
type MiddlewareOnError = (options: MiddlewareCallbackParams & {
  error: unknown;
}) => void | Response | Error | Promise<void | Response | Error>;
type Middleware = {
  onRequest: MiddlewareOnRequest;
  onResponse?: MiddlewareOnResponse;
  onError?: MiddlewareOnError;
} | {
  onRequest?: MiddlewareOnRequest;
  onResponse: MiddlewareOnResponse;
  onError?: MiddlewareOnError;
} | {
  onRequest?: MiddlewareOnRequest;
  onResponse?: MiddlewareOnResponse;
  onError: MiddlewareOnError;
};
/** This type helper makes the 2nd function param required if params/requestBody are required; otherwise, optional */
type MaybeOptionalInit<Params, Location extends keyof Params> = RequiredKeysOf<FetchOptions<FilterKeys<Params, Location>>> extends never ? FetchOptions<FilterKeys<Params, Location>> | undefined : FetchOptions<FilterKeys<Params, Location>>; // The final init param to accept.
// - Determines if the param is optional or not.
// - Performs arbitrary [key: string] addition.
// Note: the addition MUST happen after all the inference happens (otherwise TS can’t infer if init is required or not).
type InitParam<Init> = RequiredKeysOf<Init> extends never ? [(Init & {
  [key: string]: unknown;
})?] : [Init & {
  [key: string]: unknown;
}];
type ClientMethod<Paths extends Record<string, Record<HttpMethod, {}>>, Method extends HttpMethod, Media extends MediaType> = <Path extends PathsWithMethod<Paths, Method>, Init extends MaybeOptionalInit<Paths[Path], Method>>(url: Path, ...init: InitParam<Init>) => Promise<FetchResponse<Paths[Path][Method], Init, Media>>;
type ClientRequestMethod<Paths extends Record<string, Record<HttpMethod, {}>>, Media extends MediaType> = <Method extends HttpMethod, Path extends PathsWithMethod<Paths, Method>, Init extends MaybeOptionalInit<Paths[Path], Method>>(method: Method, url: Path, ...init: InitParam<Init>) => Promise<FetchResponse<Paths[Path][Method], Init, Media>>;
interface Client<Paths extends {}, Media extends MediaType = MediaType> {
  request: ClientRequestMethod<Paths, Media>;
  /** Call a GET endpoint */
  GET: ClientMethod<Paths, "get", Media>;
  /** Call a PUT endpoint */
  PUT: ClientMethod<Paths, "put", Media>;
  /** Call a POST endpoint */
  POST: ClientMethod<Paths, "post", Media>;
  /** Call a DELETE endpoint */
  DELETE: ClientMethod<Paths, "delete", Media>;
  /** Call a OPTIONS endpoint */
  OPTIONS: ClientMethod<Paths, "options", Media>;
  /** Call a HEAD endpoint */
  HEAD: ClientMethod<Paths, "head", Media>;
  /** Call a PATCH endpoint */
  PATCH: ClientMethod<Paths, "patch", Media>;
  /** Call a TRACE endpoint */
  TRACE: ClientMethod<Paths, "trace", Media>;
  /** Register middleware */
  use(...middleware: Middleware[]): void;
  /** Unregister middleware */
  eject(...middleware: Middleware[]): void;
}
//#endregion
//#region src/api.d.ts
/**
 * This file was auto-generated by openapi-typescript.
 * Do not make direct changes to the file.
 */
interface paths {
  "/api/plugin-engine": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the tools with their actions and the caller's connections. */
    get: operations["listTools"];
    put?: never; /** Processes an intent, immediately or at `executeAt`. */
    post: operations["processIntent"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/agents": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the agents that have planned or done work, with the numbers of their tasks. */
    get: operations["listAgents"];
    put?: never;
    post?: never;
    /**
     * Stops all of an agent: cancels every scheduled task and series. New work of the agent is accepted as before.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["stopAgent"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/call": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Makes a model's call of a tool.
     * @description What the model can correct is an answer with `isError`: an unknown name, wrong arguments, an action that was not done. What concerns
     *     the request is refused with a status.
     */
    post: operations["call"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/circuit-breakers": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the circuit breakers that are not closed, or have failures within the last hour. */
    get: operations["listCircuitBreakers"];
    put?: never;
    post?: never;
    /**
     * Closes the circuit breaker of an agent and tool, and deletes its failures.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["closeCircuitBreaker"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/context-mappings": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists an agent's mappings of a tool, or reads one. */
    get: operations["listMappings"]; /** Changes a mapping. */
    put: operations["updateMapping"]; /** Creates a mapping. */
    post: operations["createMapping"];
    /**
     * Deletes a mapping.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["deleteMapping"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/context-mappings/bulk": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never; /** Creates or changes several mappings. */
    post: operations["upsertMappings"];
    /**
     * Deletes several mappings.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["deleteMappings"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/context-mappings/lookup": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Looks up a mapping by context key or external id. */
    get: operations["lookupMapping"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/delegations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the services that may act for the user. */
    get: operations["listDelegations"];
    put?: never;
    /**
     * Permits a service to act for the user with some tools, actions and accounts. A repeated grant replaces the earlier one as a whole;
     *     what the service planned before and may not do any more is cancelled when it is due.
     */
    post: operations["grantDelegation"];
    /**
     * Revokes a delegation, from the service's next request on, and cancels the tasks that the service requested.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["revokeDelegation"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/errors": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the errors of all agents or of one, latest first. */
    get: operations["listErrors"];
    put?: never; /** Reports an error of the agent. */
    post: operations["reportError"];
    delete?: never;
    options?: never;
    head?: never; /** Resolves an error. */
    patch: operations["resolveError"];
    trace?: never;
  };
  "/api/plugin-engine/errors/bulk": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never; /** Resolves several errors. */
    post: operations["resolveErrors"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/errors/fallbacks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Reads the failure policy of a tool, or lists all stored ones. */
    get: operations["getFallbacks"];
    put?: never; /** Sets the fallback message or the retry policy of a tool. */
    post: operations["setFallback"];
    /**
     * Deletes a failure policy, so that the next more general one applies.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["deleteFallback"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/errors/stats": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Counts errors by tool, code and agent. */
    get: operations["errorStats"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/errors/trends": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Counts errors by day, and the most frequent codes. */
    get: operations["errorTrends"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/files": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the files of the last day, or reads one with a link to its bytes. */
    get: operations["listFiles"];
    put?: never; /** Registers a file, and returns the link that uploads it. */
    post: operations["registerFile"];
    /**
     * Deletes a file, and every copy of it.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["deleteFile"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/integrations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the user's connections. */
    get: operations["listIntegrations"];
    put?: never;
    /**
     * Stores an existing token as the connection of its account, in place of a former one of the same account. The provider is asked
     *     whose token it is.
     */
    post: operations["storeTokens"];
    /**
     * Disconnects an account: revokes the grant at the provider, unless another connection shares it, and deletes the tokens.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["disconnect"];
    options?: never;
    head?: never; /** Labels a connected account, or makes it the default of its tool. Work that was accepted before stays with its account. */
    patch: operations["nameAccount"];
    trace?: never;
  };
  "/api/plugin-engine/integrations/connect": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never; /** Attaches the connection of a consent to the user who started it. The code works once, for ten minutes. */
    post: operations["connect"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/integrations/oauth/authorize": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Starts the OAuth consent for a tool. */
    get: operations["authorizeIntegration"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/integrations/oauth/callback": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Accepts the provider's redirect and redirects the browser to the page that the start named, or else to the frontend, with `#connectCode=…&tool=…` or `#error=…&tool=…`, and `&account=…` for an account that was to be
     *     connected again.
     */
    get: operations["callbackIntegration"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/integrations/status": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Reads the state of a connection. */
    get: operations["integrationStatus"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/oauth/authorize": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Starts the OAuth consent for a tool. */
    get: operations["authorize"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/oauth/callback": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Accepts the provider's redirect and redirects the browser to the page that the start named, or else to the frontend, with `#connectCode=…&tool=…` or `#error=…&tool=…`, and `&account=…` for an account that was to be
     *     connected again.
     */
    get: operations["callback"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Reads the OpenAPI document of all routes.
     * @description Needs no token: generators and gateways have none, and the document contains no personal data.
     */
    get: operations["getDocument"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/tasks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    }; /** Lists the tasks of all agents or of one, or reads one task. */
    get: operations["listTasks"];
    put?: never; /** Retries a task. */
    post: operations["retryTask"];
    /**
     * Cancels a task.
     * @description The fields are query parameters or fields of a JSON body. A field that is in both must have one value.
     */
    delete: operations["cancelTask"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/plugin-engine/tasks/schedule": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never; /** Schedules an intent, once or as a series. */
    post: operations["scheduleIntent"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
type webhooks = Record<string, never>;
interface components {
  schemas: {
    /** @description An account at a provider, as its owner knows it. */Account: {
      /** @description The address, where the provider tells it. */email?: string; /** @description The provider's own, stable identity. */
      id: components["schemas"]["AccountId"]; /** @description The address of the account on the web. */
      link?: string; /** @description The name for people: an address, a person or a workspace. */
      name: string; /** @description The name of the workspace or team. */
      workspace?: string;
    }; /** @description An account that a request could name. */
    AccountChoice: {
      /** @description The address, where the provider tells it. */email?: string; /** @description The account's id. */
      id: string; /** @description The person's own label. */
      label?: string; /** @description The name for people. */
      name: string;
    }; /** @description The id of an account: the provider's own, stable identity, such as Google's `sub` or `<team>.<user>` of Slack. */
    AccountId: string; /** @description An account with its new names. */
    AccountNamed: {
      /** @description The connection of the account. */integration: components["schemas"]["Integration"]; /** @description Always true. */
      success: boolean;
    }; /** @description The names of an account. */
    AccountNamesRequest: {
      /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string | null; /** @description True makes it the account of requests that name none; false ends that. */
      default?: boolean | null; /** @description The new label, which is unique among the accounts of the tool, for example `work`; an empty text removes it. */
      label?: string | null;
      /**
       * @description The tool, for example `gmail`.
       * @enum {string|null}
       */
      tool?: "gmail" | "notion" | "slack" | "asana" | null;
      /**
       * @description Another name of `tool`.
       * @enum {string|null}
       */
      toolName?: "gmail" | "notion" | "slack" | "asana" | null; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description An action. The inputs of actions are described here and not in this document: each has a JSON Schema. */
    Action: {
      /** @description Former names, which are still accepted. */aliases: string[]; /** @description The JSON Schema (draft 2020-12) of the field `context`, with an example. */
      contextSchema: {
        [key: string]: unknown;
      }; /** @description The description, for a model. */
      description: string; /** @description The kind of the action by the effect of a repetition. */
      effect: components["schemas"]["Effect"]; /** @description The name, for the field `intent`. */
      name: string; /** @description The JSON Schema (draft 2020-12) of the result's `data`. */
      outputSchema: {
        [key: string]: unknown;
      }; /** @description What the action overwrites or removes; absent if it only reads or adds. */
      overwrites?: string; /** @description Groups of alternative OAuth scopes. One scope of each group must be granted; the least powerful comes first. */
      scopes: string[][]; /** @description The rank: `core` actions are in the lists that models get by default. */
      tier: components["schemas"]["Tier"]; /** @description The token of its calls: the app's, or the person's own beside it. */
      token: components["schemas"]["TokenKind"];
    }; /** @description The `context` that each action takes, and the `data` of its result. */
    Actions: {
      asana: {
        add_comment: {
          context: components["schemas"]["AsanaAddCommentContext"];
          output: components["schemas"]["AsanaAddCommentOutput"];
        };
        add_dependencies: {
          context: components["schemas"]["AsanaAddDependenciesContext"];
          output: components["schemas"]["AsanaAddDependenciesOutput"];
        };
        add_followers: {
          context: components["schemas"]["AsanaAddFollowersContext"];
          output: components["schemas"]["AsanaAddFollowersOutput"];
        };
        add_tag_to_task: {
          context: components["schemas"]["AsanaAddTagToTaskContext"];
          output: components["schemas"]["AsanaAddTagToTaskOutput"];
        };
        add_task_to_project: {
          context: components["schemas"]["AsanaAddTaskToProjectContext"];
          output: components["schemas"]["AsanaAddTaskToProjectOutput"];
        };
        add_task_to_section: {
          context: components["schemas"]["AsanaAddTaskToSectionContext"];
          output: components["schemas"]["AsanaAddTaskToSectionOutput"];
        };
        complete_task: {
          context: components["schemas"]["AsanaCompleteTaskContext"];
          output: components["schemas"]["AsanaCompleteTaskOutput"];
        };
        create_project: {
          context: components["schemas"]["AsanaCreateProjectContext"];
          output: components["schemas"]["AsanaCreateProjectOutput"];
        };
        create_section: {
          context: components["schemas"]["AsanaCreateSectionContext"];
          output: components["schemas"]["AsanaCreateSectionOutput"];
        };
        create_subtask: {
          context: components["schemas"]["AsanaCreateSubtaskContext"];
          output: components["schemas"]["AsanaCreateSubtaskOutput"];
        };
        create_tag: {
          context: components["schemas"]["AsanaCreateTagContext"];
          output: components["schemas"]["AsanaCreateTagOutput"];
        };
        create_task: {
          context: components["schemas"]["AsanaCreateTaskContext"];
          output: components["schemas"]["AsanaCreateTaskOutput"];
        };
        delete_project: {
          context: components["schemas"]["AsanaDeleteProjectContext"];
          output: components["schemas"]["AsanaDeleteProjectOutput"];
        };
        delete_task: {
          context: components["schemas"]["AsanaDeleteTaskContext"];
          output: components["schemas"]["AsanaDeleteTaskOutput"];
        };
        duplicate_task: {
          context: components["schemas"]["AsanaDuplicateTaskContext"];
          output: components["schemas"]["AsanaDuplicateTaskOutput"];
        };
        get_attachment: {
          context: components["schemas"]["AsanaGetAttachmentContext"];
          output: components["schemas"]["AsanaGetAttachmentOutput"];
        };
        get_me: {
          context: components["schemas"]["AsanaGetMeContext"];
          output: components["schemas"]["AsanaGetMeOutput"];
        };
        get_project: {
          context: components["schemas"]["AsanaGetProjectContext"];
          output: components["schemas"]["AsanaGetProjectOutput"];
        };
        get_task: {
          context: components["schemas"]["AsanaGetTaskContext"];
          output: components["schemas"]["AsanaGetTaskOutput"];
        };
        get_user: {
          context: components["schemas"]["AsanaGetUserContext"];
          output: components["schemas"]["AsanaGetUserOutput"];
        };
        list_attachments: {
          context: components["schemas"]["AsanaListAttachmentsContext"];
          output: components["schemas"]["AsanaListAttachmentsOutput"];
        };
        list_comments: {
          context: components["schemas"]["AsanaListCommentsContext"];
          output: components["schemas"]["AsanaListCommentsOutput"];
        };
        list_custom_fields: {
          context: components["schemas"]["AsanaListCustomFieldsContext"];
          output: components["schemas"]["AsanaListCustomFieldsOutput"];
        };
        list_my_tasks: {
          context: components["schemas"]["AsanaListMyTasksContext"];
          output: components["schemas"]["AsanaListMyTasksOutput"];
        };
        list_projects: {
          context: components["schemas"]["AsanaListProjectsContext"];
          output: components["schemas"]["AsanaListProjectsOutput"];
        };
        list_sections: {
          context: components["schemas"]["AsanaListSectionsContext"];
          output: components["schemas"]["AsanaListSectionsOutput"];
        };
        list_subtasks: {
          context: components["schemas"]["AsanaListSubtasksContext"];
          output: components["schemas"]["AsanaListSubtasksOutput"];
        };
        list_tags: {
          context: components["schemas"]["AsanaListTagsContext"];
          output: components["schemas"]["AsanaListTagsOutput"];
        };
        list_tasks: {
          context: components["schemas"]["AsanaListTasksContext"];
          output: components["schemas"]["AsanaListTasksOutput"];
        };
        list_teams: {
          context: components["schemas"]["AsanaListTeamsContext"];
          output: components["schemas"]["AsanaListTeamsOutput"];
        };
        list_users: {
          context: components["schemas"]["AsanaListUsersContext"];
          output: components["schemas"]["AsanaListUsersOutput"];
        };
        list_workspaces: {
          context: components["schemas"]["AsanaListWorkspacesContext"];
          output: components["schemas"]["AsanaListWorkspacesOutput"];
        };
        remove_dependencies: {
          context: components["schemas"]["AsanaRemoveDependenciesContext"];
          output: components["schemas"]["AsanaRemoveDependenciesOutput"];
        };
        remove_tag_from_task: {
          context: components["schemas"]["AsanaRemoveTagFromTaskContext"];
          output: components["schemas"]["AsanaRemoveTagFromTaskOutput"];
        };
        remove_task_from_project: {
          context: components["schemas"]["AsanaRemoveTaskFromProjectContext"];
          output: components["schemas"]["AsanaRemoveTaskFromProjectOutput"];
        };
        search: {
          context: components["schemas"]["AsanaSearchContext"];
          output: components["schemas"]["AsanaSearchOutput"];
        };
        search_tasks: {
          context: components["schemas"]["AsanaSearchTasksContext"];
          output: components["schemas"]["AsanaSearchTasksOutput"];
        };
        set_parent: {
          context: components["schemas"]["AsanaSetParentContext"];
          output: components["schemas"]["AsanaSetParentOutput"];
        };
        update_comment: {
          context: components["schemas"]["AsanaUpdateCommentContext"];
          output: components["schemas"]["AsanaUpdateCommentOutput"];
        };
        update_project: {
          context: components["schemas"]["AsanaUpdateProjectContext"];
          output: components["schemas"]["AsanaUpdateProjectOutput"];
        };
        update_task: {
          context: components["schemas"]["AsanaUpdateTaskContext"];
          output: components["schemas"]["AsanaUpdateTaskOutput"];
        };
        upload_attachment: {
          context: components["schemas"]["AsanaUploadAttachmentContext"];
          output: components["schemas"]["AsanaUploadAttachmentOutput"];
        };
      };
      gmail: {
        batch_modify: {
          context: components["schemas"]["GmailBatchModifyContext"];
          output: components["schemas"]["GmailBatchModifyOutput"];
        };
        create_draft: {
          context: components["schemas"]["GmailCreateDraftContext"];
          output: components["schemas"]["GmailCreateDraftOutput"];
        };
        create_label: {
          context: components["schemas"]["GmailCreateLabelContext"];
          output: components["schemas"]["GmailCreateLabelOutput"];
        };
        delete_draft: {
          context: components["schemas"]["GmailDeleteDraftContext"];
          output: components["schemas"]["GmailDeleteDraftOutput"];
        };
        delete_label: {
          context: components["schemas"]["GmailDeleteLabelContext"];
          output: components["schemas"]["GmailDeleteLabelOutput"];
        };
        fetch_emails: {
          context: components["schemas"]["GmailFetchEmailsContext"];
          output: components["schemas"]["GmailFetchEmailsOutput"];
        };
        forward: {
          context: components["schemas"]["GmailForwardContext"];
          output: components["schemas"]["GmailForwardOutput"];
        };
        get_attachment: {
          context: components["schemas"]["GmailGetAttachmentContext"];
          output: components["schemas"]["GmailGetAttachmentOutput"];
        };
        get_draft: {
          context: components["schemas"]["GmailGetDraftContext"];
          output: components["schemas"]["GmailGetDraftOutput"];
        };
        get_email: {
          context: components["schemas"]["GmailGetEmailContext"];
          output: components["schemas"]["GmailGetEmailOutput"];
        };
        get_filter: {
          context: components["schemas"]["GmailGetFilterContext"];
          output: components["schemas"]["GmailGetFilterOutput"];
        };
        get_label: {
          context: components["schemas"]["GmailGetLabelContext"];
          output: components["schemas"]["GmailGetLabelOutput"];
        };
        get_profile: {
          context: components["schemas"]["GmailGetProfileContext"];
          output: components["schemas"]["GmailGetProfileOutput"];
        };
        get_thread: {
          context: components["schemas"]["GmailGetThreadContext"];
          output: components["schemas"]["GmailGetThreadOutput"];
        };
        get_vacation: {
          context: components["schemas"]["GmailGetVacationContext"];
          output: components["schemas"]["GmailGetVacationOutput"];
        };
        list_drafts: {
          context: components["schemas"]["GmailListDraftsContext"];
          output: components["schemas"]["GmailListDraftsOutput"];
        };
        list_filters: {
          context: components["schemas"]["GmailListFiltersContext"];
          output: components["schemas"]["GmailListFiltersOutput"];
        };
        list_labels: {
          context: components["schemas"]["GmailListLabelsContext"];
          output: components["schemas"]["GmailListLabelsOutput"];
        };
        list_send_as: {
          context: components["schemas"]["GmailListSendAsContext"];
          output: components["schemas"]["GmailListSendAsOutput"];
        };
        list_threads: {
          context: components["schemas"]["GmailListThreadsContext"];
          output: components["schemas"]["GmailListThreadsOutput"];
        };
        modify_labels: {
          context: components["schemas"]["GmailModifyLabelsContext"];
          output: components["schemas"]["GmailModifyLabelsOutput"];
        };
        modify_thread: {
          context: components["schemas"]["GmailModifyThreadContext"];
          output: components["schemas"]["GmailModifyThreadOutput"];
        };
        reply: {
          context: components["schemas"]["GmailReplyContext"];
          output: components["schemas"]["GmailReplyOutput"];
        };
        reply_all: {
          context: components["schemas"]["GmailReplyAllContext"];
          output: components["schemas"]["GmailReplyAllOutput"];
        };
        send_draft: {
          context: components["schemas"]["GmailSendDraftContext"];
          output: components["schemas"]["GmailSendDraftOutput"];
        };
        send_email: {
          context: components["schemas"]["GmailSendEmailContext"];
          output: components["schemas"]["GmailSendEmailOutput"];
        };
        trash_email: {
          context: components["schemas"]["GmailTrashEmailContext"];
          output: components["schemas"]["GmailTrashEmailOutput"];
        };
        trash_thread: {
          context: components["schemas"]["GmailTrashThreadContext"];
          output: components["schemas"]["GmailTrashThreadOutput"];
        };
        untrash_email: {
          context: components["schemas"]["GmailUntrashEmailContext"];
          output: components["schemas"]["GmailUntrashEmailOutput"];
        };
        untrash_thread: {
          context: components["schemas"]["GmailUntrashThreadContext"];
          output: components["schemas"]["GmailUntrashThreadOutput"];
        };
        update_draft: {
          context: components["schemas"]["GmailUpdateDraftContext"];
          output: components["schemas"]["GmailUpdateDraftOutput"];
        };
        update_label: {
          context: components["schemas"]["GmailUpdateLabelContext"];
          output: components["schemas"]["GmailUpdateLabelOutput"];
        };
      };
      notion: {
        add_comment: {
          context: components["schemas"]["NotionAddCommentContext"];
          output: components["schemas"]["NotionAddCommentOutput"];
        };
        append_content: {
          context: components["schemas"]["NotionAppendContentContext"];
          output: components["schemas"]["NotionAppendContentOutput"];
        };
        archive_page: {
          context: components["schemas"]["NotionArchivePageContext"];
          output: components["schemas"]["NotionArchivePageOutput"];
        };
        create_database: {
          context: components["schemas"]["NotionCreateDatabaseContext"];
          output: components["schemas"]["NotionCreateDatabaseOutput"];
        };
        create_page: {
          context: components["schemas"]["NotionCreatePageContext"];
          output: components["schemas"]["NotionCreatePageOutput"];
        };
        delete_block: {
          context: components["schemas"]["NotionDeleteBlockContext"];
          output: components["schemas"]["NotionDeleteBlockOutput"];
        };
        get_block: {
          context: components["schemas"]["NotionGetBlockContext"];
          output: components["schemas"]["NotionGetBlockOutput"];
        };
        get_database: {
          context: components["schemas"]["NotionGetDatabaseContext"];
          output: components["schemas"]["NotionGetDatabaseOutput"];
        };
        get_file: {
          context: components["schemas"]["NotionGetFileContext"];
          output: components["schemas"]["NotionGetFileOutput"];
        };
        get_me: {
          context: components["schemas"]["NotionGetMeContext"];
          output: components["schemas"]["NotionGetMeOutput"];
        };
        get_page: {
          context: components["schemas"]["NotionGetPageContext"];
          output: components["schemas"]["NotionGetPageOutput"];
        };
        get_page_content: {
          context: components["schemas"]["NotionGetPageContentContext"];
          output: components["schemas"]["NotionGetPageContentOutput"];
        };
        get_page_property: {
          context: components["schemas"]["NotionGetPagePropertyContext"];
          output: components["schemas"]["NotionGetPagePropertyOutput"];
        };
        get_user: {
          context: components["schemas"]["NotionGetUserContext"];
          output: components["schemas"]["NotionGetUserOutput"];
        };
        list_blocks: {
          context: components["schemas"]["NotionListBlocksContext"];
          output: components["schemas"]["NotionListBlocksOutput"];
        };
        list_comments: {
          context: components["schemas"]["NotionListCommentsContext"];
          output: components["schemas"]["NotionListCommentsOutput"];
        };
        list_databases: {
          context: components["schemas"]["NotionListDatabasesContext"];
          output: components["schemas"]["NotionListDatabasesOutput"];
        };
        list_files: {
          context: components["schemas"]["NotionListFilesContext"];
          output: components["schemas"]["NotionListFilesOutput"];
        };
        list_users: {
          context: components["schemas"]["NotionListUsersContext"];
          output: components["schemas"]["NotionListUsersOutput"];
        };
        move_page: {
          context: components["schemas"]["NotionMovePageContext"];
          output: components["schemas"]["NotionMovePageOutput"];
        };
        query_database: {
          context: components["schemas"]["NotionQueryDatabaseContext"];
          output: components["schemas"]["NotionQueryDatabaseOutput"];
        };
        restore_page: {
          context: components["schemas"]["NotionRestorePageContext"];
          output: components["schemas"]["NotionRestorePageOutput"];
        };
        search: {
          context: components["schemas"]["NotionSearchContext"];
          output: components["schemas"]["NotionSearchOutput"];
        };
        update_block: {
          context: components["schemas"]["NotionUpdateBlockContext"];
          output: components["schemas"]["NotionUpdateBlockOutput"];
        };
        update_database: {
          context: components["schemas"]["NotionUpdateDatabaseContext"];
          output: components["schemas"]["NotionUpdateDatabaseOutput"];
        };
        update_page: {
          context: components["schemas"]["NotionUpdatePageContext"];
          output: components["schemas"]["NotionUpdatePageOutput"];
        };
        update_page_content: {
          context: components["schemas"]["NotionUpdatePageContentContext"];
          output: components["schemas"]["NotionUpdatePageContentOutput"];
        };
        upload_file: {
          context: components["schemas"]["NotionUploadFileContext"];
          output: components["schemas"]["NotionUploadFileOutput"];
        };
        upsert_row: {
          context: components["schemas"]["NotionUpsertRowContext"];
          output: components["schemas"]["NotionUpsertRowOutput"];
        };
      };
      slack: {
        add_reaction: {
          context: components["schemas"]["SlackAddReactionContext"];
          output: components["schemas"]["SlackAddReactionOutput"];
        };
        archive_channel: {
          context: components["schemas"]["SlackArchiveChannelContext"];
          output: components["schemas"]["SlackArchiveChannelOutput"];
        };
        cancel_scheduled_message: {
          context: components["schemas"]["SlackCancelScheduledMessageContext"];
          output: components["schemas"]["SlackCancelScheduledMessageOutput"];
        };
        channel_info: {
          context: components["schemas"]["SlackChannelInfoContext"];
          output: components["schemas"]["SlackChannelInfoOutput"];
        };
        create_channel: {
          context: components["schemas"]["SlackCreateChannelContext"];
          output: components["schemas"]["SlackCreateChannelOutput"];
        };
        delete_message: {
          context: components["schemas"]["SlackDeleteMessageContext"];
          output: components["schemas"]["SlackDeleteMessageOutput"];
        };
        fetch_messages: {
          context: components["schemas"]["SlackFetchMessagesContext"];
          output: components["schemas"]["SlackFetchMessagesOutput"];
        };
        fetch_thread: {
          context: components["schemas"]["SlackFetchThreadContext"];
          output: components["schemas"]["SlackFetchThreadOutput"];
        };
        get_file: {
          context: components["schemas"]["SlackGetFileContext"];
          output: components["schemas"]["SlackGetFileOutput"];
        };
        get_message: {
          context: components["schemas"]["SlackGetMessageContext"];
          output: components["schemas"]["SlackGetMessageOutput"];
        };
        get_permalink: {
          context: components["schemas"]["SlackGetPermalinkContext"];
          output: components["schemas"]["SlackGetPermalinkOutput"];
        };
        get_reactions: {
          context: components["schemas"]["SlackGetReactionsContext"];
          output: components["schemas"]["SlackGetReactionsOutput"];
        };
        invite_to_channel: {
          context: components["schemas"]["SlackInviteToChannelContext"];
          output: components["schemas"]["SlackInviteToChannelOutput"];
        };
        join_channel: {
          context: components["schemas"]["SlackJoinChannelContext"];
          output: components["schemas"]["SlackJoinChannelOutput"];
        };
        leave_channel: {
          context: components["schemas"]["SlackLeaveChannelContext"];
          output: components["schemas"]["SlackLeaveChannelOutput"];
        };
        list_channels: {
          context: components["schemas"]["SlackListChannelsContext"];
          output: components["schemas"]["SlackListChannelsOutput"];
        };
        list_files: {
          context: components["schemas"]["SlackListFilesContext"];
          output: components["schemas"]["SlackListFilesOutput"];
        };
        list_members: {
          context: components["schemas"]["SlackListMembersContext"];
          output: components["schemas"]["SlackListMembersOutput"];
        };
        list_pins: {
          context: components["schemas"]["SlackListPinsContext"];
          output: components["schemas"]["SlackListPinsOutput"];
        };
        list_scheduled_messages: {
          context: components["schemas"]["SlackListScheduledMessagesContext"];
          output: components["schemas"]["SlackListScheduledMessagesOutput"];
        };
        list_users: {
          context: components["schemas"]["SlackListUsersContext"];
          output: components["schemas"]["SlackListUsersOutput"];
        };
        lookup_user_by_email: {
          context: components["schemas"]["SlackLookupUserByEmailContext"];
          output: components["schemas"]["SlackLookupUserByEmailOutput"];
        };
        open_dm: {
          context: components["schemas"]["SlackOpenDmContext"];
          output: components["schemas"]["SlackOpenDmOutput"];
        };
        pin_message: {
          context: components["schemas"]["SlackPinMessageContext"];
          output: components["schemas"]["SlackPinMessageOutput"];
        };
        remove_reaction: {
          context: components["schemas"]["SlackRemoveReactionContext"];
          output: components["schemas"]["SlackRemoveReactionOutput"];
        };
        rename_channel: {
          context: components["schemas"]["SlackRenameChannelContext"];
          output: components["schemas"]["SlackRenameChannelOutput"];
        };
        schedule_message: {
          context: components["schemas"]["SlackScheduleMessageContext"];
          output: components["schemas"]["SlackScheduleMessageOutput"];
        };
        search_messages: {
          context: components["schemas"]["SlackSearchMessagesContext"];
          output: components["schemas"]["SlackSearchMessagesOutput"];
        };
        search_workspace: {
          context: components["schemas"]["SlackSearchWorkspaceContext"];
          output: components["schemas"]["SlackSearchWorkspaceOutput"];
        };
        send_ephemeral: {
          context: components["schemas"]["SlackSendEphemeralContext"];
          output: components["schemas"]["SlackSendEphemeralOutput"];
        };
        send_message: {
          context: components["schemas"]["SlackSendMessageContext"];
          output: components["schemas"]["SlackSendMessageOutput"];
        };
        set_purpose: {
          context: components["schemas"]["SlackSetPurposeContext"];
          output: components["schemas"]["SlackSetPurposeOutput"];
        };
        set_topic: {
          context: components["schemas"]["SlackSetTopicContext"];
          output: components["schemas"]["SlackSetTopicOutput"];
        };
        unpin_message: {
          context: components["schemas"]["SlackUnpinMessageContext"];
          output: components["schemas"]["SlackUnpinMessageOutput"];
        };
        update_message: {
          context: components["schemas"]["SlackUpdateMessageContext"];
          output: components["schemas"]["SlackUpdateMessageOutput"];
        };
        upload_file: {
          context: components["schemas"]["SlackUploadFileContext"];
          output: components["schemas"]["SlackUploadFileOutput"];
        };
        user_info: {
          context: components["schemas"]["SlackUserInfoContext"];
          output: components["schemas"]["SlackUserInfoOutput"];
        };
      };
    }; /** @description An agent of the user. */
    Agent: {
      /** @description The id of the agent. */agentId: string; /** @description The time of its first work. */
      createdAt: components["schemas"]["Instant"]; /** @description The numbers of its tasks that go on. */
      tasks: components["schemas"]["AgentTaskCounts"];
    }; /** @description An agent's id, chosen by its owner: 1 to 256 bytes. */
    AgentId: string; /** @description The agent to stop. */
    AgentStop: {
      /** @description The id of the agent. */agentId: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description What became of the tasks of a stopped agent. */
    AgentStopped: {
      /** @description The number of tasks that were cancelled; a series is one. */cancelled: number; /** @description The sentence for a person. */
      message: string; /** @description True if the time did not suffice for all tasks. A repeated request stops the others. */
      remaining: boolean; /** @description The number of tasks with an unfinished attempt. It ends by itself, and nothing follows it. */
      running: number; /** @description Always true. */
      success: boolean;
    }; /** @description The numbers of an agent's scheduled tasks that go on by themselves, among its latest 1,000 by time of execution. */
    AgentTaskCounts: {
      /**
       * Format: int32
       * @description Tasks whose account must be connected again.
       */
      awaitingConnection: number; /** @description True if the agent has further tasks, which are not counted: each number is a lower bound. */
      more: boolean;
      /**
       * Format: int32
       * @description Tasks with a running attempt.
       */
      processing: number;
      /**
       * Format: int32
       * @description Tasks that wait for another attempt.
       */
      retrying: number;
      /**
       * Format: int32
       * @description Tasks that wait for their time.
       */
      scheduled: number;
      /**
       * Format: int32
       * @description How many of all these are series.
       */
      series: number;
      /**
       * Format: int32
       * @description Tasks whose last attempt is being reconciled.
       */
      unknown: number;
    }; /** @description A page of agents. */
    Agents: {
      /** @description The agents of this page, by id. */agents: components["schemas"]["Agent"][]; /** @description The cursor of the next page; `null` on the last page. */
      cursor: string | null;
    };
    /**
     * @description Comment on an Asana task. Its followers are notified.
     * @example {
     *       "taskId": "1200000000000021",
     *       "text": "The first draft is ready for review."
     *     }
     */
    AsanaAddCommentContext: {
      /** @description The comment in Asana's HTML: `<body>See <strong>this</strong></body>`. */htmlText?: string; /** @description The comment as Markdown; `<@ann@example.com>` or `<@Ann Lee>` mentions a person. */
      markdown?: string;
      /**
       * @description The people who are mentioned: `people` as `<@ann@example.com>` or `<@Ann Lee>`.
       * @enum {string}
       */
      mentions?: "none" | "people"; /** @description The task: its id (gid) or link. */
      taskId: string; /** @description The comment, as plain text. */
      text?: string;
    }; /** @description A comment on a task. */
    AsanaAddCommentOutput: {
      /** @description The author. */author?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The time of creation. */
      createdAt?: string; /** @description The same in Asana's HTML. */
      htmlText?: string; /** @description The id (gid). */
      id: string; /** @description The text as Markdown, if it has markup. */
      markdown?: string; /** @description The text. */
      text?: string;
    };
    /**
     * @description Make Asana tasks wait for one another: the task waits for `dependencyIds`, and `dependentIds` wait for it. A task can have 30 in all.
     * @example {
     *       "dependencyIds": [
     *         "1200000000000022"
     *       ],
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaAddDependenciesContext: {
      /** @description The tasks for which it waits, by ids (gids) or links. */dependencyIds?: string[]; /** @description The tasks that wait for it, by ids (gids) or links. */
      dependentIds?: string[]; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task and the dependencies that were changed. */
    AsanaAddDependenciesOutput: {
      /** @description The ids (gids) of the tasks for which it waits, of those that were changed. */dependencyIds: string[]; /** @description The ids (gids) of the tasks that wait for it, of those that were changed. */
      dependentIds: string[]; /** @description The id (gid) of the task. */
      id: string;
    };
    /**
     * @description Add followers to an Asana task. They are notified of its progress, and earlier followers stay.
     * @example {
     *       "followerIds": [
     *         "sam@example.com"
     *       ],
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaAddFollowersContext: {
      /** @description The people to add. */followerIds: string[]; /** @description The task: its id (gid) or link. */
      taskId: string;
    }; /** @description A task with its followers. */
    AsanaAddFollowersOutput: {
      /** @description All its followers now. */followers?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The id (gid) of the task. */
      id: string;
    };
    /**
     * @description Add a tag to an Asana task. Its other tags stay.
     * @example {
     *       "tagId": "1200000000000031",
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaAddTagToTaskContext: {
      /** @description The tag, by id (gid), link or name. */tagId: string; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task and the tag. */
    AsanaAddTagToTaskOutput: {
      /** @description The id (gid) of the task. */id: string; /** @description The tag. */
      tag: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Add an Asana task to a project. It stays in its other projects; where it is in the project already, a section moves it.
     * @example {
     *       "projectId": "1200000000000010",
     *       "taskId": "1200000000000024"
     *     }
     */
    AsanaAddTaskToProjectContext: {
      /** @description The project, by id (gid), link or name. */projectId: string; /** @description A section of that project, by id (gid) or name, at the end of which it is put. */
      sectionId?: string; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task in a project. */
    AsanaAddTaskToProjectOutput: {
      /** @description The id (gid) of the task. */id: string; /** @description The project. */
      project: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The section, if it was named. */
      section?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Move an Asana task to the top of a section, such as a column of a board. It leaves the project's other sections; if it is not in the project yet, it is added.
     * @example {
     *       "sectionId": "1200000000000012",
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaAddTaskToSectionContext: {
      /** @description The section: its id (gid), or its name in one of the task's projects. */sectionId: string; /** @description The task: its id (gid) or link. */
      taskId: string;
    }; /** @description A task in a section. */
    AsanaAddTaskToSectionOutput: {
      /** @description The id (gid) of the task. */id: string; /** @description The section. */
      section: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Mark an Asana task as completed, or reopen it.
     * @example {
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaCompleteTaskContext: {
      /**
       * @description False to reopen the task.
       * @default true
       */
      completed?: boolean; /** @description The task: its id (gid) or link. */
      taskId: string;
    }; /** @description A task. */
    AsanaCompleteTaskOutput: {
      /** @description The assignee. */assignee?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of completion. */
      completedAt?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The custom fields, where the task is read. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due time. */
      dueAt?: string; /** @description The due date. */
      dueOn?: string;
      /**
       * @description The followers.
       * @default []
       */
      followers: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
      markdown?: string;
      /**
       * @description The projects, with the section of each.
       * @default []
       */
      memberships: {
        /** @description The project. */project?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The section. */
        section?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[]; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the task is read. */
      notes?: string; /** @description The number of subtasks. */
      numSubtasks?: number; /** @description The parent task. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start time. */
      startAt?: string; /** @description The start date. */
      startOn?: string;
      /**
       * @description The tags.
       * @default []
       */
      tags: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
      type?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Create a project in Asana.
     * @example {
     *       "dueOn": "2027-03-01",
     *       "name": "Spring campaign",
     *       "view": "board"
     *     }
     */
    AsanaCreateProjectContext: {
      /** @description Values of the project's own custom fields by name or id, for example `{"Priority": "High"}`. */customFields?: {
        [key: string]: unknown;
      }; /** @description The due date, for example `2026-11-23`. */
      dueOn?: string; /** @description The description in Asana's HTML: `<body>See <strong>this</strong></body>`. */
      htmlNotes?: string; /** @description The description as Markdown. */
      markdown?: string; /** @description The project's name. */
      name: string; /** @description The description as plain text. */
      notes?: string; /** @description The start date, for example `2026-11-20`. Requires `dueOn`. */
      startOn?: string; /** @description The team to share it with, by id (gid), link or name. Required in an organization with several teams. */
      teamId?: string;
      /**
       * @description The project's default view.
       * @enum {string}
       */
      view?: "list" | "board" | "calendar" | "timeline"; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    }; /** @description A project. */
    AsanaCreateProjectOutput: {
      /** @description True if it is archived. */archived?: boolean; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of creation. */
      createdAt?: string; /** @description The values of its own custom fields, where one project is read. `list_custom_fields` lists those of its tasks. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due date. */
      dueOn?: string; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where the project is read and its description has markup. */
      markdown?: string; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the project is read. */
      notes?: string; /** @description The owner. */
      owner?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start date. */
      startOn?: string; /** @description The team. */
      team?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Create a section in an Asana project: a heading of a list, a column of a board.
     * @example {
     *       "name": "In review",
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaCreateSectionContext: {
      /** @description The section's name. */name: string; /** @description The project: its id (gid), link or name. */
      projectId: string;
    }; /** @description A section. */
    AsanaCreateSectionOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The id (gid). */
      id: string; /** @description The name. */
      name?: string;
    };
    /**
     * @description Create a subtask of an Asana task.
     * @example {
     *       "assigneeId": "sam@example.com",
     *       "name": "Find a picture",
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaCreateSubtaskContext: {
      /** @description The assignee: `me`, an e-mail address, a user's id (gid) or name. */assigneeId?: string; /** @description Values of the custom fields that its parent or its project has, by name or id, for example `{"Priority": "High", "Estimate": 5}`. */
      customFields?: {
        [key: string]: unknown;
      }; /** @description The due time, instead of `dueOn`, for example `2026-11-23T10:00:00Z`. */
      dueAt?: string; /** @description The due date, for example `2026-11-23`. */
      dueOn?: string; /** @description The followers, who are notified of its progress. */
      followerIds?: string[]; /** @description The description in Asana's HTML: `<body>See <strong>this</strong></body>`. */
      htmlNotes?: string; /** @description The description as Markdown. */
      markdown?: string; /** @description The subtask's name. */
      name: string; /** @description The description as plain text. */
      notes?: string; /** @description A project to add it to beside its parent: its id (gid), link or name. */
      projectId?: string; /** @description A section of that project: its id (gid) or name. */
      sectionId?: string; /** @description The start time, instead of `startOn`. Requires `dueAt`. */
      startAt?: string; /** @description The start date, for example `2026-11-20`. Requires `dueOn` or `dueAt`. */
      startOn?: string; /** @description Its tags, by id (gid) or name. */
      tagIds?: string[]; /** @description The parent task: its id (gid) or link. */
      taskId: string;
      /**
       * @description The type; a milestone has only a due date.
       * @enum {string}
       */
      type?: "task" | "milestone";
    }; /** @description A task. */
    AsanaCreateSubtaskOutput: {
      /** @description The assignee. */assignee?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of completion. */
      completedAt?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The custom fields, where the task is read. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due time. */
      dueAt?: string; /** @description The due date. */
      dueOn?: string;
      /**
       * @description The followers.
       * @default []
       */
      followers: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
      markdown?: string;
      /**
       * @description The projects, with the section of each.
       * @default []
       */
      memberships: {
        /** @description The project. */project?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The section. */
        section?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[]; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the task is read. */
      notes?: string; /** @description The number of subtasks. */
      numSubtasks?: number; /** @description The parent task. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start time. */
      startAt?: string; /** @description The start date. */
      startOn?: string;
      /**
       * @description The tags.
       * @default []
       */
      tags: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
      type?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Create a tag in an Asana workspace. Check with `asana_list_tags` first: Asana allows several tags of the same name.
     * @example {
     *       "name": "Blocked"
     *     }
     */
    AsanaCreateTagContext: {
      /** @description The tag's name. */name: string; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    }; /** @description A tag. */
    AsanaCreateTagOutput: {
      /** @description The color. */color?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The name. */
      name?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Create a task in Asana, in a project or directly in a workspace.
     * @example {
     *       "assigneeId": "me",
     *       "dueOn": "2026-11-30",
     *       "name": "Ship it",
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaCreateTaskContext: {
      /** @description The assignee: `me`, an e-mail address, a user's id (gid) or name. */assigneeId?: string; /** @description Values of custom fields by name or id, for example `{"Priority": "High", "Estimate": 5}`. */
      customFields?: {
        [key: string]: unknown;
      }; /** @description The due time, instead of `dueOn`, for example `2026-11-23T10:00:00Z`. */
      dueAt?: string; /** @description The due date, for example `2026-11-23`. */
      dueOn?: string; /** @description The followers, who are notified of its progress. */
      followerIds?: string[]; /** @description The description in Asana's HTML: `<body>See <strong>this</strong></body>`. */
      htmlNotes?: string; /** @description The description as Markdown. */
      markdown?: string; /** @description The task's name. */
      name: string; /** @description The description as plain text. */
      notes?: string; /** @description The project to add it to: its id (gid), link or name. */
      projectId?: string; /** @description A section of that project: its id (gid) or name. By default Asana chooses one. */
      sectionId?: string; /** @description The start time, instead of `startOn`. Requires `dueAt`. */
      startAt?: string; /** @description The start date, for example `2026-11-20`. Requires `dueOn` or `dueAt`. */
      startOn?: string; /** @description Its tags, by id (gid) or name. */
      tagIds?: string[];
      /**
       * @description The type; a milestone has only a due date.
       * @enum {string}
       */
      type?: "task" | "milestone"; /** @description The workspace, by id (gid), link or name. Optional with a project, or if the account has only one. */
      workspaceId?: string;
    }; /** @description A task. */
    AsanaCreateTaskOutput: {
      /** @description The assignee. */assignee?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of completion. */
      completedAt?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The custom fields, where the task is read. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due time. */
      dueAt?: string; /** @description The due date. */
      dueOn?: string;
      /**
       * @description The followers.
       * @default []
       */
      followers: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
      markdown?: string;
      /**
       * @description The projects, with the section of each.
       * @default []
       */
      memberships: {
        /** @description The project. */project?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The section. */
        section?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[]; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the task is read. */
      notes?: string; /** @description The number of subtasks. */
      numSubtasks?: number; /** @description The parent task. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start time. */
      startAt?: string; /** @description The start date. */
      startOn?: string;
      /**
       * @description The tags.
       * @default []
       */
      tags: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
      type?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Delete an Asana project. Tasks that are in no other project are deleted with it. To keep it out of sight, archive it with `asana_update_project`.
     * @example {
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaDeleteProjectContext: {
      /** @description The project, by id (gid), link or name. */projectId: string;
    }; /** @description A deleted project. */
    AsanaDeleteProjectOutput: {
      /** @description The id (gid) of the project. */id: string;
    };
    /**
     * @description Delete an Asana task. It is moved to the person's trash, from which it can be restored for 30 days.
     * @example {
     *       "taskId": "1200000000000022"
     *     }
     */
    AsanaDeleteTaskContext: {
      /** @description The task: its id (gid) or link. */taskId: string;
    }; /** @description A deleted task. */
    AsanaDeleteTaskOutput: {
      /** @description The id (gid) of the task. */id: string;
    };
    /**
     * @description Copy an Asana task under another name, with its subtasks and all else, or with what `include` names. Asana copies it within moments; the new task's id is known at once.
     * @example {
     *       "include": [
     *         "notes",
     *         "subtasks",
     *         "projects"
     *       ],
     *       "name": "Draft the second page",
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaDuplicateTaskContext: {
      /** @description The parts to copy; by default all. */include?: ("assignee" | "attachments" | "dates" | "dependencies" | "followers" | "notes" | "parent" | "projects" | "subtasks" | "tags")[]; /** @description The name of the new task. */
      name: string; /** @description The task to copy: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A new task that is being filled. */
    AsanaDuplicateTaskOutput: {
      /** @description The id (gid) of the new task. */id?: string; /** @description Its name. */
      name?: string; /** @description The state of the copying, for example `in_progress`. */
      status?: string;
    };
    /**
     * @description Read a file that is attached in Asana: its name, type and size, and its `file`, which other actions take. A file at another service, such as Dropbox, has only a link.
     * @example {
     *       "asText": true,
     *       "attachmentId": "1200000000000071"
     *     }
     */
    AsanaGetAttachmentContext: {
      /**
       * @description True to read the text of a text file of at most 20 KiB too.
       * @default false
       */
      asText?: boolean; /** @description The id (gid) of the attachment, as `asana_list_attachments` returns it. */
      attachmentId: string;
    }; /** @description A file that another action can name. */
    AsanaGetAttachmentOutput: {
      /** @description The MIME type. */contentType: string; /** @description The file's id, which another action takes for 24 hours. */
      file: string; /** @description The file's name. */
      filename: string; /** @description The size in bytes. */
      size: number; /** @description The content of a small text file, if it was asked for. */
      text?: string;
    };
    /**
     * @description Read the connected Asana user: id, name, e-mail address and workspaces. Where an action takes a person, `me` is enough.
     * @example {}
     */
    AsanaGetMeContext: Record<string, never>; /** @description A user with their workspaces. */
    AsanaGetMeOutput: {
      /** @description The e-mail address. */email?: string; /** @description The id (gid). */
      id: string; /** @description The name. */
      name?: string;
      /**
       * @description The workspaces that the connected user shares with them.
       * @default []
       */
      workspaces: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[];
    };
    /**
     * @description Read an Asana project: its description, dates, owner and team.
     * @example {
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaGetProjectContext: {
      /** @description The project: its id (gid), link or name. */projectId: string;
    }; /** @description A project. */
    AsanaGetProjectOutput: {
      /** @description True if it is archived. */archived?: boolean; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of creation. */
      createdAt?: string; /** @description The values of its own custom fields, where one project is read. `list_custom_fields` lists those of its tasks. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due date. */
      dueOn?: string; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where the project is read and its description has markup. */
      markdown?: string; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the project is read. */
      notes?: string; /** @description The owner. */
      owner?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start date. */
      startOn?: string; /** @description The team. */
      team?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Read an Asana task: its description, dates, people, projects, sections, tags and custom fields.
     * @example {
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaGetTaskContext: {
      /** @description The task: its id (gid) or link. */taskId: string;
    }; /** @description A task. */
    AsanaGetTaskOutput: {
      /** @description The assignee. */assignee?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of completion. */
      completedAt?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The custom fields, where the task is read. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due time. */
      dueAt?: string; /** @description The due date. */
      dueOn?: string;
      /**
       * @description The followers.
       * @default []
       */
      followers: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
      markdown?: string;
      /**
       * @description The projects, with the section of each.
       * @default []
       */
      memberships: {
        /** @description The project. */project?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The section. */
        section?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[]; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the task is read. */
      notes?: string; /** @description The number of subtasks. */
      numSubtasks?: number; /** @description The parent task. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start time. */
      startAt?: string; /** @description The start date. */
      startOn?: string;
      /**
       * @description The tags.
       * @default []
       */
      tags: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
      type?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Read an Asana user by e-mail address, name or id: their id, name, e-mail address and workspaces.
     * @example {
     *       "userId": "sam@example.com"
     *     }
     */
    AsanaGetUserContext: {
      /** @description The person: `me`, an e-mail address, a name or a user's id (gid). */userId: string;
    }; /** @description A user with their workspaces. */
    AsanaGetUserOutput: {
      /** @description The e-mail address. */email?: string; /** @description The id (gid). */
      id: string; /** @description The name. */
      name?: string;
      /**
       * @description The workspaces that the connected user shares with them.
       * @default []
       */
      workspaces: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[];
    };
    /**
     * @description List the files that are attached to an Asana task or project, those of a task's description too.
     * @example {
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaListAttachmentsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of attachments to return.
       * @default 50
       */
      limit?: number; /** @description The project: its id (gid), link or name. */
      projectId?: string; /** @description The task: its id (gid) or link. Exactly one of `taskId` and `projectId` is required. */
      taskId?: string;
    };
    AsanaListAttachmentsOutput: {
      attachments: {
        /** @description The time at which it was attached. */createdAt?: string; /** @description The file's name. */
        filename?: string; /** @description The service that hosts the file, for example `asana`, `dropbox` or `gdrive`. */
        host?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The task or the project. */
        parent?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The size in bytes, of a file that Asana hosts. */
        size?: number;
      }[]; /** @description The cursor of the next page; absent on the last page. */
      cursor?: string;
    };
    /**
     * @description List the comments on an Asana task, oldest first.
     * @example {
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaListCommentsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of entries of the task's history to read. Only the comments among them are returned, so a page with a `cursor` can have fewer, or none.
       * @default 50
       */
      limit?: number; /** @description The task: its id (gid) or link. */
      taskId: string;
    };
    AsanaListCommentsOutput: {
      comments: {
        /** @description The author. */author?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The time of creation. */
        createdAt?: string; /** @description The same in Asana's HTML. */
        htmlText?: string; /** @description The id (gid). */
        id: string; /** @description The text as Markdown, if it has markup. */
        markdown?: string; /** @description The text. */
        text?: string;
      }[]; /** @description The cursor of the next page; absent on the last page. */
      cursor?: string;
    };
    /**
     * @description List the custom fields of an Asana project's tasks, with their types and options.
     * @example {
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaListCustomFieldsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of fields to return.
       * @default 50
       */
      limit?: number; /** @description The project: its id (gid), link or name. */
      projectId: string;
    };
    AsanaListCustomFieldsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      fields: {
        /** @description The currency of a number, as ISO 4217 has it. */currency?: string; /** @description The description. */
        description?: string; /** @description The format of a number, such as `currency`, `percentage` or `duration`; 0.25 is 25 %. */
        format?: string; /** @description The id (gid). */
        id: string; /** @description The name. */
        name?: string; /** @description The options that can be chosen. */
        options?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The number of decimal places of a number. */
        precision?: number; /** @description True if its value cannot be set. */
        readOnly: boolean; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string;
      }[];
    };
    /**
     * @description List the tasks in My Tasks of the connected Asana user, in the order in which the person sees them; open ones by default.
     * @example {
     *       "limit": 20
     *     }
     */
    AsanaListMyTasksContext: {
      /** @description Also tasks completed since this time, ISO 8601 with a zone. */completedSince?: string; /** @description The `cursor` of the previous page. */
      cursor?: string;
      /**
       * @description Number of tasks to return.
       * @default 50
       */
      limit?: number; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaListMyTasksOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      tasks: {
        /** @description The assignee. */assignee?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description True if it is completed. */
        completed?: boolean; /** @description The time of completion. */
        completedAt?: string; /** @description The time of creation. */
        createdAt?: string; /** @description The custom fields, where the task is read. */
        customFields?: {
          /** @description The field's id (gid). */id: string; /** @description The field's name. */
          name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
          options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
          type?: string; /** @description The value as a text for people. */
          value?: string;
        }[]; /** @description The due time. */
        dueAt?: string; /** @description The due date. */
        dueOn?: string;
        /**
         * @description The followers.
         * @default []
         */
        followers: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The same in Asana's HTML. */
        htmlNotes?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
        markdown?: string;
        /**
         * @description The projects, with the section of each.
         * @default []
         */
        memberships: {
          /** @description The project. */project?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          }; /** @description The section. */
          section?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          };
        }[]; /** @description The time of the last change. */
        modifiedAt?: string; /** @description The name. */
        name?: string; /** @description The description as plain text, where the task is read. */
        notes?: string; /** @description The number of subtasks. */
        numSubtasks?: number; /** @description The parent task. */
        parent?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The start time. */
        startAt?: string; /** @description The start date. */
        startOn?: string;
        /**
         * @description The tags.
         * @default []
         */
        tags: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
        type?: string; /** @description The workspace. */
        workspace?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description List the projects of an Asana workspace that the person can see.
     * @example {
     *       "archived": false
     *     }
     */
    AsanaListProjectsContext: {
      /** @description True for archived projects only, false for active ones only; by default both. */archived?: boolean; /** @description The `cursor` of the previous page. */
      cursor?: string;
      /**
       * @description Number of projects to return.
       * @default 50
       */
      limit?: number; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaListProjectsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      projects: {
        /** @description True if it is archived. */archived?: boolean; /** @description True if it is completed. */
        completed?: boolean; /** @description The time of creation. */
        createdAt?: string; /** @description The values of its own custom fields, where one project is read. `list_custom_fields` lists those of its tasks. */
        customFields?: {
          /** @description The field's id (gid). */id: string; /** @description The field's name. */
          name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
          options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
          type?: string; /** @description The value as a text for people. */
          value?: string;
        }[]; /** @description The due date. */
        dueOn?: string; /** @description The same in Asana's HTML. */
        htmlNotes?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The description as Markdown, where the project is read and its description has markup. */
        markdown?: string; /** @description The time of the last change. */
        modifiedAt?: string; /** @description The name. */
        name?: string; /** @description The description as plain text, where the project is read. */
        notes?: string; /** @description The owner. */
        owner?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The start date. */
        startOn?: string; /** @description The team. */
        team?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The workspace. */
        workspace?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description List the sections of an Asana project: the headings of a list, the columns of a board.
     * @example {
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaListSectionsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of sections to return.
       * @default 50
       */
      limit?: number; /** @description The project: its id (gid), link or name. */
      projectId: string;
    };
    AsanaListSectionsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      sections: {
        /** @description The time of creation. */createdAt?: string; /** @description The id (gid). */
        id: string; /** @description The name. */
        name?: string;
      }[];
    };
    /**
     * @description List the subtasks of an Asana task.
     * @example {
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaListSubtasksContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of subtasks to return.
       * @default 50
       */
      limit?: number; /** @description The parent task: its id (gid) or link. */
      taskId: string;
    };
    AsanaListSubtasksOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      tasks: {
        /** @description The assignee. */assignee?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description True if it is completed. */
        completed?: boolean; /** @description The time of completion. */
        completedAt?: string; /** @description The time of creation. */
        createdAt?: string; /** @description The custom fields, where the task is read. */
        customFields?: {
          /** @description The field's id (gid). */id: string; /** @description The field's name. */
          name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
          options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
          type?: string; /** @description The value as a text for people. */
          value?: string;
        }[]; /** @description The due time. */
        dueAt?: string; /** @description The due date. */
        dueOn?: string;
        /**
         * @description The followers.
         * @default []
         */
        followers: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The same in Asana's HTML. */
        htmlNotes?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
        markdown?: string;
        /**
         * @description The projects, with the section of each.
         * @default []
         */
        memberships: {
          /** @description The project. */project?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          }; /** @description The section. */
          section?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          };
        }[]; /** @description The time of the last change. */
        modifiedAt?: string; /** @description The name. */
        name?: string; /** @description The description as plain text, where the task is read. */
        notes?: string; /** @description The number of subtasks. */
        numSubtasks?: number; /** @description The parent task. */
        parent?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The start time. */
        startAt?: string; /** @description The start date. */
        startOn?: string;
        /**
         * @description The tags.
         * @default []
         */
        tags: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
        type?: string; /** @description The workspace. */
        workspace?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description List the tags of an Asana workspace, to find the id of a tag by its name.
     * @example {
     *       "limit": 20
     *     }
     */
    AsanaListTagsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of tags to return.
       * @default 50
       */
      limit?: number; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaListTagsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      tags: {
        /** @description The color. */color?: string; /** @description The time of creation. */
        createdAt?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The name. */
        name?: string; /** @description The workspace. */
        workspace?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description List the Asana tasks of one project, one section or one person. Exactly one of `projectId`, `sectionId` and `assigneeId` is required.
     * @example {
     *       "limit": 20,
     *       "openOnly": true,
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaListTasksContext: {
      /** @description The assignee: `me`, an e-mail address, a user's id (gid) or name. */assigneeId?: string; /** @description Excludes tasks completed before this time, ISO 8601 with a zone. Cannot be combined with `openOnly`. */
      completedSince?: string; /** @description The `cursor` of the previous page. */
      cursor?: string;
      /**
       * @description Number of tasks to return.
       * @default 50
       */
      limit?: number; /** @description Only tasks changed since this time, ISO 8601 with a zone. */
      modifiedSince?: string;
      /**
       * @description True to exclude completed tasks.
       * @default false
       */
      openOnly?: boolean; /** @description The project: its id (gid), link or name. */
      projectId?: string; /** @description The section: its id (gid), or its name beside `projectId`. */
      sectionId?: string; /** @description The workspace of a person's tasks, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaListTasksOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      tasks: {
        /** @description The assignee. */assignee?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description True if it is completed. */
        completed?: boolean; /** @description The time of completion. */
        completedAt?: string; /** @description The time of creation. */
        createdAt?: string; /** @description The custom fields, where the task is read. */
        customFields?: {
          /** @description The field's id (gid). */id: string; /** @description The field's name. */
          name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
          options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
          type?: string; /** @description The value as a text for people. */
          value?: string;
        }[]; /** @description The due time. */
        dueAt?: string; /** @description The due date. */
        dueOn?: string;
        /**
         * @description The followers.
         * @default []
         */
        followers: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The same in Asana's HTML. */
        htmlNotes?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
        markdown?: string;
        /**
         * @description The projects, with the section of each.
         * @default []
         */
        memberships: {
          /** @description The project. */project?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          }; /** @description The section. */
          section?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          };
        }[]; /** @description The time of the last change. */
        modifiedAt?: string; /** @description The name. */
        name?: string; /** @description The description as plain text, where the task is read. */
        notes?: string; /** @description The number of subtasks. */
        numSubtasks?: number; /** @description The parent task. */
        parent?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The start time. */
        startAt?: string; /** @description The start date. */
        startOn?: string;
        /**
         * @description The tags.
         * @default []
         */
        tags: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
        type?: string; /** @description The workspace. */
        workspace?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description List the teams of an Asana workspace that is an organization. A new project there belongs to one.
     * @example {
     *       "limit": 20
     *     }
     */
    AsanaListTeamsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of teams to return.
       * @default 50
       */
      limit?: number; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaListTeamsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      teams: {
        /** @description The description. */description?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The name. */
        name?: string; /** @description The organization. */
        organization?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The visibility: `secret`, `request_to_join` or `public`. */
        visibility?: string;
      }[];
    };
    /**
     * @description List the people of an Asana workspace, or of all the person's workspaces.
     * @example {
     *       "workspaceId": "1200000000000001"
     *     }
     */
    AsanaListUsersContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of users to return.
       * @default 50
       */
      limit?: number; /** @description The workspace: its id (gid), link or name; by default all of the person's workspaces. */
      workspaceId?: string;
    };
    AsanaListUsersOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      users: {
        /** @description The e-mail address. */email?: string; /** @description The id (gid). */
        id: string; /** @description The name. */
        name?: string;
      }[];
    };
    /**
     * @description List the Asana workspaces and organizations of the person.
     * @example {}
     */
    AsanaListWorkspacesContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of workspaces to return.
       * @default 50
       */
      limit?: number;
    };
    AsanaListWorkspacesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      workspaces: {
        /** @description The id (gid). */id: string; /** @description True if it is an organization. */
        isOrganization?: boolean; /** @description The name. */
        name?: string;
      }[];
    };
    /**
     * @description Let Asana tasks wait for one another no more. The tasks themselves stay.
     * @example {
     *       "dependencyIds": [
     *         "1200000000000022"
     *       ],
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaRemoveDependenciesContext: {
      /** @description The tasks for which it waits, by ids (gids) or links. */dependencyIds?: string[]; /** @description The tasks that wait for it, by ids (gids) or links. */
      dependentIds?: string[]; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task and the dependencies that were changed. */
    AsanaRemoveDependenciesOutput: {
      /** @description The ids (gids) of the tasks for which it waits, of those that were changed. */dependencyIds: string[]; /** @description The ids (gids) of the tasks that wait for it, of those that were changed. */
      dependentIds: string[]; /** @description The id (gid) of the task. */
      id: string;
    };
    /**
     * @description Remove a tag from an Asana task. The tag itself stays.
     * @example {
     *       "tagId": "1200000000000031",
     *       "taskId": "1200000000000022"
     *     }
     */
    AsanaRemoveTagFromTaskContext: {
      /** @description The tag, by id (gid), link or name. */tagId: string; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task and the tag. */
    AsanaRemoveTagFromTaskOutput: {
      /** @description The id (gid) of the task. */id: string; /** @description The tag. */
      tag: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Take an Asana task out of a project. The task itself stays, and its other projects too.
     * @example {
     *       "projectId": "1200000000000010",
     *       "taskId": "1200000000000022"
     *     }
     */
    AsanaRemoveTaskFromProjectContext: {
      /** @description The project, by id (gid), link or name. */projectId: string; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task that is not in a project any more. */
    AsanaRemoveTaskFromProjectOutput: {
      /** @description The id (gid) of the task. */id: string; /** @description The project. */
      project: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Find tasks, projects, people, tags or teams of an Asana workspace by words of their names, as the search box suggests them: the best first, and not all. For text in descriptions use `asana_search_tasks`.
     * @example {
     *       "query": "website",
     *       "type": "project"
     *     }
     */
    AsanaSearchContext: {
      /**
       * @description Number of objects to return.
       * @default 20
       */
      limit?: number; /** @description The words of a name, or a person's e-mail address. */
      query: string;
      /**
       * @description The type of what is searched.
       * @enum {string}
       */
      type: "task" | "project" | "user" | "tag" | "team" | "portfolio" | "goal"; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaSearchOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      objects: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
        /**
         * @description The type.
         * @enum {string}
         */
        type: "task" | "project" | "user" | "tag" | "team" | "portfolio" | "goal";
      }[];
    };
    /**
     * @description Search the tasks of an Asana workspace by a text or at least one filter, newest first. Works only in paid workspaces, and results can be a minute old: for the tasks of one project, section or person prefer `asana_list_tasks`.
     * @example {
     *       "completed": false,
     *       "text": "landing page"
     *     }
     */
    AsanaSearchTasksContext: {
      /** @description Only tasks of this person: `me`, an e-mail address, a user's id (gid) or name. */assigneeId?: string; /** @description True for completed tasks only, false for open ones only. */
      completed?: boolean; /** @description The `cursor` of the previous page. */
      cursor?: string; /** @description Only tasks due after this date, for example `2026-11-23`. */
      dueAfter?: string; /** @description Only tasks due before this date, for example `2026-11-30`. */
      dueBefore?: string;
      /**
       * @description Number of tasks to return.
       * @default 50
       */
      limit?: number; /** @description Only tasks of this project, by its id (gid), link or name. */
      projectId?: string; /** @description Only tasks with this tag, by its id (gid) or name. */
      tagId?: string; /** @description Words in the name or the description. */
      text?: string; /** @description The workspace, by id (gid), link or name. Optional if the account has only one. */
      workspaceId?: string;
    };
    AsanaSearchTasksOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      tasks: {
        /** @description The assignee. */assignee?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description True if it is completed. */
        completed?: boolean; /** @description The time of completion. */
        completedAt?: string; /** @description The time of creation. */
        createdAt?: string; /** @description The custom fields, where the task is read. */
        customFields?: {
          /** @description The field's id (gid). */id: string; /** @description The field's name. */
          name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
          options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
          type?: string; /** @description The value as a text for people. */
          value?: string;
        }[]; /** @description The due time. */
        dueAt?: string; /** @description The due date. */
        dueOn?: string;
        /**
         * @description The followers.
         * @default []
         */
        followers: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The same in Asana's HTML. */
        htmlNotes?: string; /** @description The id (gid). */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
        markdown?: string;
        /**
         * @description The projects, with the section of each.
         * @default []
         */
        memberships: {
          /** @description The project. */project?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          }; /** @description The section. */
          section?: {
            /** @description The id (gid). */id: string; /** @description The name. */
            name?: string;
          };
        }[]; /** @description The time of the last change. */
        modifiedAt?: string; /** @description The name. */
        name?: string; /** @description The description as plain text, where the task is read. */
        notes?: string; /** @description The number of subtasks. */
        numSubtasks?: number; /** @description The parent task. */
        parent?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The start time. */
        startAt?: string; /** @description The start date. */
        startOn?: string;
        /**
         * @description The tags.
         * @default []
         */
        tags: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
        type?: string; /** @description The workspace. */
        workspace?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description Make an Asana task a subtask of another one, or with `clear` a task of its own. Its projects stay.
     * @example {
     *       "parentId": "1200000000000021",
     *       "taskId": "1200000000000022"
     *     }
     */
    AsanaSetParentContext: {
      /**
       * @description True to take it out of its parent.
       * @default false
       */
      clear?: boolean; /** @description The new parent task: its id (gid) or a link to it. */
      parentId?: string; /** @description The task: its id (gid) or a link to it. */
      taskId: string;
    }; /** @description A task. */
    AsanaSetParentOutput: {
      /** @description The assignee. */assignee?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of completion. */
      completedAt?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The custom fields, where the task is read. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due time. */
      dueAt?: string; /** @description The due date. */
      dueOn?: string;
      /**
       * @description The followers.
       * @default []
       */
      followers: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
      markdown?: string;
      /**
       * @description The projects, with the section of each.
       * @default []
       */
      memberships: {
        /** @description The project. */project?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The section. */
        section?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[]; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the task is read. */
      notes?: string; /** @description The number of subtasks. */
      numSubtasks?: number; /** @description The parent task. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start time. */
      startAt?: string; /** @description The start date. */
      startOn?: string;
      /**
       * @description The tags.
       * @default []
       */
      tags: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
      type?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Give a comment on an Asana task another text. Only its author can.
     * @example {
     *       "commentId": "1200000000000053",
     *       "markdown": "The **second** draft is ready."
     *     }
     */
    AsanaUpdateCommentContext: {
      /** @description The id (gid) of the comment. */commentId: string; /** @description The new text in Asana's HTML: `<body>See <strong>this</strong></body>`. */
      htmlText?: string; /** @description The new text as Markdown; `<@ann@example.com>` or `<@Ann Lee>` mentions a person. */
      markdown?: string;
      /**
       * @description The people who are mentioned: `people` as `<@ann@example.com>` or `<@Ann Lee>`.
       * @enum {string}
       */
      mentions?: "none" | "people"; /** @description The new text, plain. */
      text?: string;
    }; /** @description A comment on a task. */
    AsanaUpdateCommentOutput: {
      /** @description The author. */author?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The time of creation. */
      createdAt?: string; /** @description The same in Asana's HTML. */
      htmlText?: string; /** @description The id (gid). */
      id: string; /** @description The text as Markdown, if it has markup. */
      markdown?: string; /** @description The text. */
      text?: string;
    };
    /**
     * @description Change an Asana project: its name, description, dates, owner or view, or archive it. Only the given fields change.
     * @example {
     *       "dueOn": "2027-03-01",
     *       "name": "Website relaunch 2",
     *       "projectId": "1200000000000010"
     *     }
     */
    AsanaUpdateProjectContext: {
      /** @description True to archive the project, false to bring it back. */archived?: boolean; /** @description The fields to clear. `startOn` is cleared only beside a new or a cleared due date. */
      clear?: ("dueOn" | "notes" | "ownerId" | "startOn")[]; /** @description New values of the project's own custom fields by name or id; null clears one. */
      customFields?: {
        [key: string]: unknown;
      }; /** @description The due date, for example `2026-11-23`. */
      dueOn?: string; /** @description The new description in Asana's HTML: `<body>See <strong>this</strong></body>`. */
      htmlNotes?: string; /** @description The new description as Markdown. */
      markdown?: string; /** @description The new name. */
      name?: string; /** @description The new description as plain text, which replaces the old one. */
      notes?: string; /** @description The new owner: `me`, an e-mail address, a user's id (gid) or name. */
      ownerId?: string; /** @description The project, by id (gid), link or name. */
      projectId: string; /** @description The start date, for example `2026-11-20`. Requires `dueOn`. */
      startOn?: string;
      /**
       * @description The project's default view.
       * @enum {string}
       */
      view?: "list" | "board" | "calendar" | "timeline";
    }; /** @description A project. */
    AsanaUpdateProjectOutput: {
      /** @description True if it is archived. */archived?: boolean; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of creation. */
      createdAt?: string; /** @description The values of its own custom fields, where one project is read. `list_custom_fields` lists those of its tasks. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due date. */
      dueOn?: string; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where the project is read and its description has markup. */
      markdown?: string; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the project is read. */
      notes?: string; /** @description The owner. */
      owner?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start date. */
      startOn?: string; /** @description The team. */
      team?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Change an Asana task. Only the given fields change. To move it use `asana_add_task_to_section`, to complete it `asana_complete_task`.
     * @example {
     *       "dueOn": "2026-12-01",
     *       "name": "Draft the new landing page",
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaUpdateTaskContext: {
      /** @description The assignee: `me`, an e-mail address, a user's id (gid) or name. */assigneeId?: string; /** @description The fields to clear. The start is cleared only beside a new or a cleared due date. */
      clear?: ("assigneeId" | "dueAt" | "dueOn" | "notes" | "startAt" | "startOn")[]; /** @description The custom fields to clear, by name or id (gid). */
      clearCustomFields?: string[]; /** @description New values of custom fields by name or id, for example `{"Priority": "High", "Estimate": 5}`; null clears one. */
      customFields?: {
        [key: string]: unknown;
      }; /** @description The due time, instead of `dueOn`, for example `2026-11-23T10:00:00Z`. */
      dueAt?: string; /** @description The due date, for example `2026-11-23`. */
      dueOn?: string; /** @description The new description in Asana's HTML: `<body>See <strong>this</strong></body>`. */
      htmlNotes?: string; /** @description The new description as Markdown. */
      markdown?: string; /** @description The new name. */
      name?: string; /** @description The new description as plain text, which replaces the old one. */
      notes?: string; /** @description The start time, instead of `startOn`. Requires `dueAt`. */
      startAt?: string; /** @description The start date, for example `2026-11-20`. Requires `dueOn` or `dueAt`. */
      startOn?: string; /** @description The task: its id (gid) or link. */
      taskId: string;
      /**
       * @description The type; a milestone has only a due date.
       * @enum {string}
       */
      type?: "task" | "milestone";
    }; /** @description A task. */
    AsanaUpdateTaskOutput: {
      /** @description The assignee. */assignee?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description True if it is completed. */
      completed?: boolean; /** @description The time of completion. */
      completedAt?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The custom fields, where the task is read. */
      customFields?: {
        /** @description The field's id (gid). */id: string; /** @description The field's name. */
        name?: string; /** @description The names of the options that can be chosen, where one task or project is read. */
        options?: string[]; /** @description The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`. */
        type?: string; /** @description The value as a text for people. */
        value?: string;
      }[]; /** @description The due time. */
      dueAt?: string; /** @description The due date. */
      dueOn?: string;
      /**
       * @description The followers.
       * @default []
       */
      followers: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The same in Asana's HTML. */
      htmlNotes?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The description as Markdown, where one task is read and its description has markup. */
      markdown?: string;
      /**
       * @description The projects, with the section of each.
       * @default []
       */
      memberships: {
        /** @description The project. */project?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        }; /** @description The section. */
        section?: {
          /** @description The id (gid). */id: string; /** @description The name. */
          name?: string;
        };
      }[]; /** @description The time of the last change. */
      modifiedAt?: string; /** @description The name. */
      name?: string; /** @description The description as plain text, where the task is read. */
      notes?: string; /** @description The number of subtasks. */
      numSubtasks?: number; /** @description The parent task. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The start time. */
      startAt?: string; /** @description The start date. */
      startOn?: string;
      /**
       * @description The tags.
       * @default []
       */
      tags: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }[]; /** @description The type: `default_task`, `milestone`, `approval` or `section`. */
      type?: string; /** @description The workspace. */
      workspace?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Attach a file to an Asana task, or to a project as a key resource. A second call attaches it again.
     * @example {
     *       "file": {
     *         "filename": "quotes.txt",
     *         "text": "Fast, friendly, found by accident."
     *       },
     *       "taskId": "1200000000000021"
     *     }
     */
    AsanaUploadAttachmentContext: {
      /** @description The file, at most 100 MiB. */file: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }; /** @description The project: its id (gid), link or name. */
      projectId?: string; /** @description The task: its id (gid) or link. Exactly one of `taskId` and `projectId` is required. */
      taskId?: string;
    }; /** @description An attachment as Asana returns it; serialized, it is our output. */
    AsanaUploadAttachmentOutput: {
      /** @description The time at which it was attached. */createdAt?: string; /** @description The file's name. */
      filename?: string; /** @description The service that hosts the file, for example `asana`, `dropbox` or `gdrive`. */
      host?: string; /** @description The id (gid). */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The task or the project. */
      parent?: {
        /** @description The id (gid). */id: string; /** @description The name. */
        name?: string;
      }; /** @description The size in bytes, of a file that Asana hosts. */
      size?: number;
    }; /** @description State of the connection of an account; `AuthStatus` of the original description. */
    AuthStatus: {
      /** @description The account; absent if none is connected. */account?: components["schemas"]["Account"]; /** @description Page where a person connects the account; absent while it is connected, and where the deployment has no such page. */
      connectUrl?: string; /** @description True if actions can run. */
      connected: boolean; /** @description Reason why the connection is unusable, as text for a person. */
      error?: string; /** @description Expiry of the access token; it is refreshed before. */
      expiresAt?: components["schemas"]["Instant"]; /** @description The person's own label of the account. */
      label?: string; /** @description Last failure of its tokens. */
      lastError?: string; /** @description True if the tool was connected and must be connected again. */
      needsReauth: boolean; /** @description Granted scopes. */
      scopes?: string[]; /** @description The actions whose scopes were not granted; only in the list of tools. */
      unavailableActions?: components["schemas"]["UnavailableAction"][]; /** @description Granted scopes of the person's own token beside the app's. */
      userScopes?: string[];
    }; /** @description The start of an OAuth consent. */
    Authorize: {
      /**
       * Format: uri
       * @description The provider's consent page, to be opened in the person's browser.
       */
      authUrl: string;
    };
    /**
     * @description The state of a circuit breaker.
     * @enum {string}
     */
    BreakerState: "closed" | "open" | "half_open"; /** @description The result of a bulk request. */
    Bulk: {
      /** @description The number of items that succeeded. */count: number; /** @description The counts as a sentence. */
      message: string; /** @description One result for each item, in the order of the request. */
      results: components["schemas"]["BulkItem"][]; /** @description True if every item succeeded. */
      success: boolean;
    }; /** @description The result of one item. */
    BulkItem: {
      /** @description True if the request changed the object, false if it repeated an earlier one. Absent where repetition is an error. */changed?: boolean; /** @description The id of the affected object. */
      id: string; /** @description The position of the item in the request, from 0. */
      index: number;
    } | {
      /** @description The reason of the failure. */error: components["schemas"]["ErrorDetail"]; /** @description The position of the item in the request, from 0. */
      index: number;
    }; /** @description The answer to a call. */
    CallAnswer: {
      /** @description The text for the model. */content: string; /** @description True if the call was not done, or its outcome is not known: the text says why, and what to do. */
      isError: boolean; /** @description True if an earlier call with the same key was answered so. Absent otherwise. */
      replayed?: boolean;
      /**
       * @description The data that was read or created. Of a call that was not done: its `error`, the `data` of a part that was done, and the
       *     `fallbackMessage` for the person.
       */
      structured: {
        [key: string]: unknown;
      }; /** @description The task that journals the call. */
      taskId?: string;
    }; /** @description A model's call of a tool. */
    CallRequest: {
      /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string | null; /** @description The agent that calls. */
      agentId: string; /** @description The arguments that the model wrote: an object, or the JSON text of one. */
      arguments?: {
        [key: string]: unknown;
      } | string | null;
      /**
       * @description The id that the model's provider gave to the call. A repeated call with the same id, name and arguments returns the first
       *     answer, for a day within `conversationId`, and for ten minutes without it.
       */
      callId?: string | null; /** @description The conversation in which `callId` is unique. */
      conversationId?: string | null;
      /**
       * Format: int32
       * @description The largest number of characters of `content` in the view `model`: 500 to 100,000; 8,000 by default.
       */
      maxChars?: number | null;
      /**
       * @description The name of the tool, as in the tool definitions: `<tool>_<action>`, for example `gmail_send_email`, or an own tool such as
       *     `engine_list_tasks`.
       */
      name: string; /** @description The user; by default the token's subject */
      userId?: string | null; /** @description The form of the answer; `full` by default. */
      view?: null | ("full" | "model");
    }; /** @description The task to cancel. */
    CancelRequest: {
      /** @description The id of the task. */taskId: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The status of the circuit breaker of an agent and an account. */
    CircuitBreaker: {
      /** @description The id of the account. */account: components["schemas"]["AccountId"]; /** @description The agent. */
      agentId: components["schemas"]["AgentId"];
      /**
       * Format: int32
       * @description Failures within the last hour. Caller errors do not count.
       */
      failures: number; /** @description End of the open period. */
      openUntil?: components["schemas"]["Instant"]; /** @description The reason for the open period. */
      reason?: string; /** @description True if a call now would be refused. */
      shouldDisableTool: boolean; /** @description The state. */
      state: components["schemas"]["BreakerState"];
      /**
       * Format: int32
       * @description Successful calls since the first of these failures.
       */
      successes: number; /** @description The tool. */
      tool: string;
    }; /** @description The circuit breaker to close. */
    CircuitBreakerClose: {
      /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string | null; /** @description The agent of the circuit breaker. */
      agentId: string;
      /**
       * @description The tool of the circuit breaker.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The circuit breakers that are open or have recent failures. */
    CircuitBreakers: {
      /** @description The circuit breakers. One that is not listed is closed. */circuitBreakers: components["schemas"]["CircuitBreaker"][];
    }; /** @description The code of a completed consent. */
    ConnectRequest: {
      /** @description The one-time code from the fragment of the page where the consent ended. */connectCode: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A created connection, as the routes answer that create one. */
    Connected: {
      /** @description The connection. */integration: components["schemas"]["Integration"]; /** @description Always true. */
      success: boolean; /** @description The id of the account that was to be connected again, if the consent was given for another one. It stays as it was. */
      unchangedAccount?: components["schemas"]["AccountId"];
    };
    /**
     * @description The state of a connection.
     * @enum {string}
     */
    ConnectionStatus: "connecting" | "active" | "needs_reauth" | "disconnecting";
    /**
     * @description A kind of callers.
     * @enum {string}
     */
    CreatorKind: "user" | "service"; /** @description A user's permission for a service to act for them. */
    Delegation: {
      /** @description The ids of the accounts that it may use; absent for all of the tools. */accounts?: components["schemas"]["AccountId"][]; /** @description The actions that it may run, as `<tool>.<action>`; absent for all of the tools. */
      actions?: string[]; /** @description The time of the latest grant. */
      createdAt: components["schemas"]["Instant"]; /** @description The time at which the permission ends. */
      expiresAt: components["schemas"]["Instant"]; /** @description The token subject of the service. */
      service: string; /** @description The tools that it may use. */
      tools: string[];
    }; /** @description The service whose permission is revoked. */
    DelegationDelete: {
      /** @description The token subject of the service. */service: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A granted delegation. */
    DelegationGranted: {
      /** @description The delegation. */delegation: components["schemas"]["Delegation"]; /** @description Always true. */
      success: boolean;
    }; /** @description The service that may act for the user, and what it may use. */
    DelegationRequest: {
      /** @description The ids of the accounts that it may use; all of the tools, also later ones, if absent. */accounts?: string[] | null; /** @description The actions that it may run, as `<tool>.<action>`, for example `gmail.send_email`; all of the tools if absent. */
      actions?: string[] | null;
      expiresAt?: null | components["schemas"]["Instant"]; /** @description The token subject of the service. */
      service: string; /** @description The tools that it may use, for example `gmail`: their actions, and what is stored about them. */
      tools: string[]; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A page of delegations. */
    Delegations: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The delegations of this page. */
      delegations: components["schemas"]["Delegation"][];
    }; /** @description The account to disconnect. */
    DisconnectRequest: {
      /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string | null;
      /**
       * @description The tool to disconnect, for example `gmail`.
       * @enum {string|null}
       */
      tool?: "gmail" | "notion" | "slack" | "asana" | null;
      /**
       * @description Another name of `tool`.
       * @enum {string|null}
       */
      toolName?: "gmail" | "notion" | "slack" | "asana" | null; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A disconnected account. */
    Disconnected: {
      /** @description The account that was disconnected. */account: components["schemas"]["Account"]; /** @description Always true. */
      success: boolean; /** @description The tool. */
      tool: components["schemas"]["ToolName"];
    };
    /**
     * @description The kind of an action by what a second run would do.
     * @enum {string}
     */
    Effect: "read" | "idempotent" | "create";
    /**
     * @description The resolution of an error.
     * @enum {string}
     */
    ErrorAction: "connect" | "fix" | "retry" | "look";
    /**
     * @description | Code | Where | Outcome | Action | Meaning, and what to do |
     *     |---|---|---|---|---|
     *     | `AMBIGUOUS_ACCOUNT` | HTTP 400 | `none` | `fix` | Several accounts of the tool are connected, the request names none of them, and the person has set no default. Nothing was done: the engine does not guess. Ask the person, and send the request again with `account`: the `id`, the `label` or the `email` of one of `error.accounts`. An address that two accounts share is as ambiguous as none. The person can set a default: `PATCH /integrations {tool, account, default: true}`. |
     *     | `MALFORMED_JSON` | HTTP 400 | `none` | `fix` | The body is not a JSON object. Send one, for example `{"tool": "gmail"}`, with the content type `application/json`. |
     *     | `MISSING_FIELDS` | HTTP 400 | `none` | `fix` | Required fields are absent or empty. The message names them, or the first one and the number of the others. `fields` lists them with the allowed form and an example, and the wrong fields of the same request. Add the named fields. |
     *     | `UNKNOWN_ACCOUNT` | HTTP 400 | `none` | `fix` | No connected account of the tool has the id, the label or the address that the request names. Nothing was done. Name one of `error.accounts`, or connect the account: `GET /oauth/authorize?tool=`. |
     *     | `UNKNOWN_INTENT` | HTTP 400 | `none` | `fix` | The tool has no action of this name. The message lists the known ones, and names the tools that have one of this name. Use one of them; `GET /api/plugin-engine` describes each. |
     *     | `UNKNOWN_TOOL` | HTTP 400 | `none` | `fix` | No tool has this name. The message lists the known ones. Use one of them, for example `gmail`. |
     *     | `INVALID_FIELD` | HTTP 400, result | `none` | `fix` | A field has the wrong type or a value that is not allowed. The message begins with the field's path, such as `context.to`, and says what is allowed. `fields` lists the wrong fields of the request, the first 64 of them: of its body or query, of its context, its recurrence and its retry policy, and of its header `Idempotency-Key`, each with its `field` and its `reason`. What can be judged only when another field is right is not listed beside that one; neither is what a context key stands for. Correct the fields. A field that the route does not know is refused as well; the reason suggests the name that is meant, or the route that the field belongs to. A `cursor` is that of the previous page, with the same other fields. |
     *     | `UNAUTHORIZED` | HTTP 401 | `none` | `fix` | The request has no acceptable token: it is absent, expired, signed by an unknown key, or of another issuer or audience. Get a new token from the identity provider. `message` and the header `WWW-Authenticate` have the reason, as does the log line `request refused`. With RS256 API Gateway refuses most bad tokens itself, and its access log has the status alone. |
     *     | `USER_MISMATCH` | HTTP 403 | `none` | `fix` | `userId` names another user than the token's `sub`. Leave `userId` out. |
     *     | `FORBIDDEN` | HTTP 403, task | `none` | `fix` | The caller is known and may not do this: a service that the user has not delegated to, or one that names a tool, an action or an account that its delegation does not permit; the message has what it permits. A due task that the delegation as it is then does not permit is cancelled, and its series with it. Ask the user to delegate this to the service, with `POST /delegations {service, tools, actions?, accounts?}`, or use the user's own token. |
     *     | `FILE_NOT_FOUND` | HTTP 404 | `none` | `fix` | The id of a file is unknown, or belongs to another user: both look the same. A file can be named for a day after it was registered or read. A service can name those that it made. Register the file with `POST /files`, upload it, and name its new id. |
     *     | `NOT_FOUND` | HTTP 404 | `none` | `fix` | The id is unknown, or belongs to another user: both look the same. A `connectCode` is not found when it is unknown, used or older than ten minutes. Check the id. A finished task lives 30 days, an error 90. After a `connectCode`, start again with `GET /oauth/authorize?tool=`. |
     *     | `METHOD_NOT_ALLOWED` | HTTP 405 | `none` | `fix` | The route has no such method. The header `Allow` lists its methods. Use one of them. |
     *     | `CONFLICT` | HTTP 409 | `none` | `fix` | The resource is in a state that does not allow this, for example a completed task that is to be cancelled. Of a task the message says what follows by itself, and what works then. Read the resource and decide again. A task that is `scheduled` runs at its time, one that is `unknown` is asked for at the provider, and one that is `awaiting_connection` goes on when its account is connected. |
     *     | `FILE_IN_USE` | HTTP 409 | `none` | `fix` | A file is not deleted while tasks need it. The message names them. Wait for the tasks or cancel them, or send `DELETE /files` with `force=true`: it cancels them first. An attempt that runs is not cut off; repeat the request when it has ended. |
     *     | `FILE_NOT_UPLOADED` | HTTP 409 | `none` | `fix` | The file that a request names is registered, and its bytes are not there. Nothing was done. Send the bytes with `PUT` to `upload.url` of the registration, with `upload.headers`, within 15 minutes. Then repeat the request. |
     *     | `IDEMPOTENCY_IN_PROGRESS` | HTTP 409 | `none` | `retry` | The first request with this `Idempotency-Key` is still running. Send the request again after the time in `Retry-After`; it then gets the first one's result. |
     *     | `LIMIT_REACHED` | HTTP 409 | `none` | `fix` | The user has as many of something as this service allows; the message has the figure. A user has at most 200 agents, 200 living series, 1,000 tasks due in the same minute, ten connected accounts of a tool, 50 delegations, and 10,000 context mappings of an agent and tool. - Agents: use an `agentId` that exists. It names a program, and not a conversation or a run. An operator can raise the limit. - Series: cancel one first, with `DELETE /tasks {taskId}`. One that has ended can count for a minute more. - Tasks in a minute: choose another `executeAt`. A cancelled task still counts. - Delegations: revoke one first, with `DELETE /delegations {service}`. One that has ended does not count, a minute after the latest grant. - Context mappings: delete some first, with `DELETE /context-mappings/bulk`. A deleted or expired one counts until a minute after the latest addition. - Accounts: disconnect one first, with `DELETE /integrations {tool, account}`. |
     *     | `FILE_EXPIRED` | HTTP 409, task | `none` | `fix` | A task needs files whose copies do not exist any more. They are deleted when a task ends, so one that has failed cannot be retried with them. Upload the files again, and send a new intent that names them. |
     *     | `TOO_LARGE` | HTTP 413 | `none` | `fix` | The request body or the context is larger than 2 MiB; or the answer is larger than the 6 MB that Lambda allows. Lists of tasks, errors and mappings are shortened instead, and have a cursor. Send less, or ask for fewer items. Bytes, such as an attachment, are sent as a file. |
     *     | `IDEMPOTENCY_KEY_REUSED` | HTTP 422 | `none` | `fix` | The `Idempotency-Key` was used for a request with another body within the last 24 hours. Use a new key for a new request. |
     *     | `NOT_CONNECTED` | HTTP 424, result | `none` | `connect` | The user has not connected this tool. A request that needs an account and calls no provider is refused; an intent to act now has this as its result. Connect it: `error.connectUrl`, or `GET /oauth/authorize?tool=`. |
     *     | `RATE_LIMITED` | HTTP 429 | `none` | `retry` | The caller has used up a limit of this service, such as 60 intents or 1,200 reading requests a minute. The message names the limit. Wait for the time in `Retry-After` and `error.retryAfterMs`, then send the request again, with the same `Idempotency-Key` if it had one. A client that polls should ask less often; `GET /tasks?taskId=&wait=` waits instead. |
     *     | `INTERNAL_ERROR` | HTTP 500 | `none` | `look` | A defect, or an answer of AWS that the engine does not expect. Report it with the `requestId`: the log has the detail under it. |
     *     | `NOT_CONFIGURED` | HTTP 501 | `none` | `look` | This deployment lacks a setting, such as the OAuth client of a tool. The operator adds the setting; `cargo local` uses the sandbox's. |
     *     | `UNAVAILABLE` | HTTP 503, result | `none` | `retry` | The store or a secret could not be reached: the request was not accepted. Or, in a result, other long responses took the memory for that of a read: nothing was done. Send it again after the time in `Retry-After`. A task is deferred by itself. |
     *     | `ABORTED_NO_EFFECT` | result | `none` | `retry` | An attempt of an immediate intent was lost on its way, and the provider reports no effect. Send the intent again. |
     *     | `AUTHENTICATION_ERROR` | result | `none` | `retry` | The provider refused a token that was refreshed just before. See the provider's status. If it persists, connect the tool again. |
     *     | `CIRCUIT_BREAKER_OPEN` | result | `none` | `retry` | The circuit breaker of this agent and account is open after too many failures. The message says until when. Wait; the breaker probes and closes by itself. The user can close it with `DELETE /circuit-breakers`. |
     *     | `MISSING_SCOPE` | result | `none` | `connect` | The user did not grant what this action needs. The message names the scopes. A name, such as that of a Slack channel, can need a scope to be looked up that its id does not need. Connect the tool again and grant them: `error.connectUrl`. Or give the id, if the message says so. |
     *     | `OUTCOME_UNKNOWN` | result | `unknown` | `look` | The response was lost: the action may or may not have happened. With HTTP 202, and while its task is `unknown`, the engine still asks the provider. With HTTP 200, and in a task that is `needs_attention`, the provider's data does not decide it. While the engine asks, wait: `GET /tasks?taskId=&wait=20`, first after `error.retryAfterMs`; do not send it again. When the task is `needs_attention`, look in the tool; `POST /tasks {taskId, force: true}` repeats it. |
     *     | `PROVIDER_CONFLICT` | result | `none` | `retry` | The resource was changed meanwhile at the provider; nothing was done. Send the intent again. A task is retried by itself. |
     *     | `PROVIDER_FORBIDDEN` | result | `none` | `fix` | The provider does not permit this to the connected account or to the app, though no scope is missing: a project without access, a capability of the integration, a policy of the domain or the workspace. Or it is not for the connected person, as a private channel of Slack of which they are no member, or a message that another user's agents posted. The message says what was refused. Name something that the account may use, or ask who manages it for access. Connecting again changes nothing. |
     *     | `PROVIDER_NOT_FOUND` | result | `none` | `fix` | The channel, page, project or message does not exist, or the connection cannot see it. Check the id, and share the resource with the connected account. |
     *     | `PROVIDER_PLAN_LIMIT` | result | `none` | `look` | The user's plan or quota with the provider does not allow it. The user must change the plan, or wait for the quota's next period. |
     *     | `PROVIDER_RATE_LIMITED` | result | `none` | `retry` | The provider limits calls of this account; a cooldown runs. Nothing was done. Wait for `error.retryAfterMs`. A task is deferred and retried by itself. |
     *     | `PROVIDER_REJECTED` | result | `none` | `fix` | The provider refuses this input, and would again. The message has the provider's own code. Correct the context. |
     *     | `PROVIDER_RESPONSE_TOO_LARGE` | result | `none` | `fix` | The provider's response is longer than 5 MiB, or the result longer than the 6 MB of an answer as it is written. Lists are read with smaller pages first, so one object alone is too long, or no time was left for smaller pages. Ask for less, as the message says: fewer items, an object without its body, or a list without the object. The same request fails again. |
     *     | `PROVIDER_UNAVAILABLE` | result | `none` | `retry` | The provider failed or could not be reached; nothing was done. Send the intent again later. A task is retried by itself. |
     *     | `REAUTH_REQUIRED` | result | `none` | `connect` | The connection no longer works: the grant was revoked, has expired, or belongs to another OAuth client than the deployment's. Connect the tool again: `error.connectUrl`, or `GET /oauth/authorize?tool=`. |
     *     | `RESPONSE_LOST` | result | `unknown` | `retry` | The response to a change was lost twice, so the change may or may not have been made. A repetition leaves the same state as one change. Send the intent again, with another `Idempotency-Key` if it had one; that is safe. A task is retried by itself. |
     *     | `UNKNOWN_NAME` | result | `none` | `fix` | No tool that a model can call has this name. The message names up to three that may be meant, of those that the caller may use. Use a name of the tool definitions: `GET /api/plugin-engine?format=mcp` lists the actions as `<tool>_<action>`. |
     *     | `ATTEMPTS_EXHAUSTED` | task | `none` | `retry` | Its process died three times while it ran alone, or the responses of five attempts were lost; none of them had an effect. See the processor's log and memory at those times, and ask for less if the task reads much. Then retry it with `POST /tasks {taskId}`: it runs alone once more. |
     *     | `DELEGATION_ENDED` | task | `none` | `look` | A service requested the task, and its delegation was revoked or has expired. The task is cancelled, and its series with it. Nothing, if the service was meant to stop. Otherwise delegate to the service again, and have it schedule the intent again. |
     *     | `MISFIRED` | task | `none` | `look` | An occurrence of a series could not start on time and was left out, as `misfire: skip` asks. Nothing; the next occurrence runs. |
     * @enum {string}
     */
    ErrorCode: "AMBIGUOUS_ACCOUNT" | "MALFORMED_JSON" | "MISSING_FIELDS" | "UNKNOWN_ACCOUNT" | "UNKNOWN_INTENT" | "UNKNOWN_TOOL" | "INVALID_FIELD" | "UNAUTHORIZED" | "USER_MISMATCH" | "FORBIDDEN" | "FILE_NOT_FOUND" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "CONFLICT" | "FILE_IN_USE" | "FILE_NOT_UPLOADED" | "IDEMPOTENCY_IN_PROGRESS" | "LIMIT_REACHED" | "FILE_EXPIRED" | "TOO_LARGE" | "IDEMPOTENCY_KEY_REUSED" | "NOT_CONNECTED" | "RATE_LIMITED" | "INTERNAL_ERROR" | "NOT_CONFIGURED" | "UNAVAILABLE" | "ABORTED_NO_EFFECT" | "AUTHENTICATION_ERROR" | "CIRCUIT_BREAKER_OPEN" | "MISSING_SCOPE" | "OUTCOME_UNKNOWN" | "PROVIDER_CONFLICT" | "PROVIDER_FORBIDDEN" | "PROVIDER_NOT_FOUND" | "PROVIDER_PLAN_LIMIT" | "PROVIDER_RATE_LIMITED" | "PROVIDER_REJECTED" | "PROVIDER_RESPONSE_TOO_LARGE" | "PROVIDER_UNAVAILABLE" | "REAUTH_REQUIRED" | "RESPONSE_LOST" | "UNKNOWN_NAME" | "ATTEMPTS_EXHAUSTED" | "DELEGATION_ENDED" | "MISFIRED"; /** @description An error as callers receive it: the `error` of a refused request, of a result, and of an item of a bulk call. */
    ErrorDetail: {
      /** @description The accounts that the field `account` can name, when that resolves the error. */accounts?: components["schemas"]["AccountChoice"][]; /** @description The resolution of the error. */
      action: components["schemas"]["ErrorAction"];
      code: components["schemas"]["ErrorCode"]; /** @description Page where a person connects the tool, if the deployment has such a page; only with the action `connect`. */
      connectUrl?: string; /** @description Every missing and every wrong field of a request that is refused for its fields. */
      fields?: components["schemas"]["FieldFault"][]; /** @description One sentence for a person. */
      message: string; /** @description The outcome of the effect; `none` for a refused request. */
      outcome: components["schemas"]["Outcome"];
      /**
       * Format: int64
       * @description Milliseconds from now until a retry makes sense, with the action `retry`; or until the task of a result with HTTP 202 can show
       *     more.
       */
      retryAfterMs?: number;
    }; /** @description A page of errors. */
    Errors: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The errors of this page, latest first. */
      errors: components["schemas"]["LoggedError"][];
    };
    /**
     * @description An operation on errors.
     * @enum {string}
     */
    ErrorsAction: "resolve"; /** @description The result of a bulk operation on errors. */
    ErrorsBulk: {
      /** @description The operation of the request. */action: components["schemas"]["ErrorsAction"]; /** @description The number of errors that this request resolved. */
      count: number; /** @description The ids of the request. */
      errorIds: unknown[]; /** @description One result for each id, in the order of the request. */
      results: components["schemas"]["BulkItem"][]; /** @description True if every error is resolved. */
      success: boolean;
    }; /** @description The errors to resolve. */
    ErrorsBulkRequest: {
      /** @description The operation on the errors. */action: components["schemas"]["ErrorsAction"]; /** @description 1 to 100 ids of errors. */
      errorIds: string[]; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The failure policy to delete. */
    FallbackDelete: {
      /** @description The agent that the policy applies to; all agents if absent. */agentId?: string | null;
      /**
       * @description The tool.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The failure policy to store. An absent field keeps its value. */
    FallbackRequest: {
      /** @description The agent that the policy applies to; all agents if absent. */agentId?: string | null; /** @description The message for the person when an action fails. */
      message?: string | null;
      retry?: null | components["schemas"]["RetryPolicy"];
      /**
       * @description The tool.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A stored failure policy: the fallback message and the retry policy of a tool, for all agents or for one. */
    FallbackRow: {
      agentId: null | components["schemas"]["AgentId"]; /** @description The message for the person when an action fails; `null` if none is set. */
      message: string | null;
      retry: null | components["schemas"]["RetryPolicy"]; /** @description The tool. */
      tool: string; /** @description The time of the last change. */
      updatedAt: components["schemas"]["Instant"]; /** @description The user, or the service that acted for the user. */
      updatedBy: string;
    }; /** @description The stored failure policy. */
    FallbackSet: {
      agentId: null | components["schemas"]["AgentId"]; /** @description The message of the request. */
      message?: string; /** @description The retry policy of the request. */
      retry?: components["schemas"]["RetryPolicy"]; /** @description Always true. */
      success: boolean; /** @description The tool. */
      tool: components["schemas"]["ToolName"];
    }; /** @description The built-in texts for the person, for each action and outcome. A failure policy replaces them. */
    FallbackTexts: {
      /** @description For `connect`. */connect: string; /** @description For `fix`. A result adds the reason. */
      fix: string; /** @description For `look` where nothing happened, and for a code that the service does not have. */
      look: string; /** @description For every action where the outcome is `partial`. A result adds what resolves it. */
      partial: string; /** @description For `retry`. */
      retry: string; /** @description For `look` where the outcome is `unknown`. */
      unknown: string; /** @description For `retry` where the outcome is `unknown`: a repetition leaves the same state. */
      unknownRetry: string;
    }; /** @description A page of stored failure policies, or the policy that applies to the requested tool. */
    Fallbacks: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The stored policies of this page. */
      fallbacks: components["schemas"]["FallbackRow"][];
    } | {
      agentId: null | components["schemas"]["AgentId"]; /** @description The built-in texts, which apply where `message` is `null`: one for each `error.action`. */
      builtIn: components["schemas"]["FallbackTexts"];
      /**
       * @description The message for the person when an action fails, if one is stored or `default` is sent; `null` where the texts of
       *     `builtIn` apply.
       */
      message: string | null; /** @description The retry policy of tasks. */
      retry: components["schemas"]["RetryPolicy"]; /** @description The requested tool. */
      tool: components["schemas"]["ToolName"];
    }; /** @description A field of a request that is missing or wrong. */
    FieldFault: {
      /** @description The path of the field, such as `context.to`. */field: string; /** @description The allowed form, with an example. */
      reason: string;
    }; /** @description A file. */
    File: {
      /** @description The media type. */contentType: string; /** @description The time of its registration. */
      createdAt: components["schemas"]["Instant"]; /** @description The link to the bytes, for 15 minutes; absent before the upload, and in lists. */
      download?: components["schemas"]["FileLink"]; /** @description The time from which no request can name it. A task that was accepted before has a copy until it ends. */
      expiresAt: components["schemas"]["Instant"]; /** @description The id of the file. An action takes it as `{"file": "file_..."}`. */
      fileId: string; /** @description The name, without a path. */
      filename: string; /** @description The SHA-256 of the bytes in base64, if the file was registered with one. */
      sha256?: string;
      /**
       * Format: int64
       * @description The number of bytes.
       */
      size: number;
    }; /** @description The file to delete. */
    FileDelete: {
      /** @description The id of the file. */fileId: string; /** @description Deletes also a file that tasks need, and cancels these tasks. */
      force?: boolean | null; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A deleted file. */
    FileDeleted: {
      /** @description The number of tasks that were cancelled; a series is one. */cancelled: number; /** @description Always true. */
      success: boolean;
    }; /** @description A signed request: whoever has it may make it until it expires. */
    FileLink: {
      /** @description The time at which the link expires. */expiresAt: components["schemas"]["Instant"]; /** @description The headers that the request must have. The client itself adds `Content-Length`. */
      headers: {
        [key: string]: string;
      }; /** @description The method of the request. */
      method: string; /** @description The address, without a further token. */
      url: string;
    }; /** @description A registered file, and the link that uploads it. */
    FileRegistered: {
      /** @description The id of the file. An action takes it as `{"file": "file_..."}` when the bytes are uploaded. */fileId: string; /** @description Always true. */
      success: boolean; /** @description The link that uploads the bytes, for 15 minutes. */
      upload: components["schemas"]["FileLink"];
    }; /** @description The file that is going to be uploaded. */
    FileRequest: {
      /** @description The media type, for example `application/pdf`. */contentType: string; /** @description The name, without a path, for example `report.pdf`. */
      filename: string; /** @description The SHA-256 of the bytes, in hexadecimal digits or base64. The upload must match it. */
      sha256?: string | null;
      /**
       * Format: int64
       * @description The number of bytes, at most 104857600 (100 MiB). The upload must have as many.
       */
      size: number; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A page of files, or the file with the requested id. */
    Files: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The files of this page, newest first. */
      files: components["schemas"]["File"][];
    } | {
      /** @description The file with the requested id. */file: components["schemas"]["File"];
    }; /** @description A function of Gemini. */
    GeminiFunction: {
      description: string;
      name: string; /** @description The JSON Schema of the arguments. */
      parametersJsonSchema: {
        [key: string]: unknown;
      };
    };
    /**
     * @description Change the labels of up to 1,000 e-mails in one call, for example to archive them or to mark them as read. Gmail does not say whether each of them exists.
     * @example {
     *       "actions": [
     *         "read"
     *       ],
     *       "add": [
     *         "Receipts"
     *       ],
     *       "messageIds": [
     *         "18f0000000000005",
     *         "18f0000000000009"
     *       ]
     *     }
     */
    GmailBatchModifyContext: {
      /** @description Changes of system labels by common names. `archive` removes the e-mails from the inbox. */actions?: ("read" | "unread" | "star" | "unstar" | "archive" | "unarchive")[]; /** @description Labels to add, by name or id, for example `Receipts`. */
      add?: string[]; /** @description The `id` of each e-mail, as `gmail_fetch_emails` returns it. */
      messageIds: string[]; /** @description Labels to remove, by name or id. */
      remove?: string[];
    }; /** @description E-mails of which the labels were changed. */
    GmailBatchModifyOutput: {
      /** @description The ids that were sent to Gmail. */messageIds: string[];
    };
    /**
     * @description Create a draft of a new e-mail, for a person to check; `gmail_send_draft` sends it.
     * @example {
     *       "body": "See you on Monday.",
     *       "subject": "Hello",
     *       "to": "kim@example.com"
     *     }
     */
    GmailCreateDraftContext: {
      /** @description Files to attach, 25 MiB in total; one of the type `text/calendar; method=REQUEST` is an invitation. The HTML shows a picture by its name: `<img src="cid:logo.png">`. */attachments?: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }[]; /** @description Recipients of a blind copy, hidden from the others. */
      bcc?: string | string[]; /** @description The text, plain, without markup. */
      body?: string; /** @description Recipients of a copy. */
      cc?: string | string[]; /** @description The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`. */
      from?: string; /** @description The text as HTML. */
      html?: string; /** @description The text as Markdown. */
      markdown?: string; /** @description The address to which replies go, if not the sender's. */
      replyTo?: string;
      /**
       * @description True adds the signature of the sending address.
       * @default false
       */
      signature?: boolean; /** @description The subject line. */
      subject: string; /** @description The recipients: an e-mail address such as `Ann <ann@example.com>`, several separated by commas, or a list. */
      to?: string | string[];
    }; /** @description A draft as actions return it. */
    GmailCreateDraftOutput: {
      /** @description The recipients of a blind copy. */bcc?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The recipients of a copy. */
      cc?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The time at which it was written. */
      date?: string; /** @description The draft's id, for `gmail_update_draft`, `gmail_send_draft` and `gmail_delete_draft`. */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its e-mail. */
      messageId?: string; /** @description The beginning of the text. */
      snippet?: string; /** @description The subject line. */
      subject?: string; /** @description The id of its thread. */
      threadId?: string; /** @description The recipients. */
      to?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[];
    };
    /**
     * @description Create a label. If a label of that name exists, it is returned unchanged.
     * @example {
     *       "name": "Travel"
     *     }
     */
    GmailCreateLabelContext: {
      /** @description Its colour. */color?: {
        /** @description The colour behind the text, for example `#ffffff`. */backgroundColor: string; /** @description The colour of the text, for example `#000000`. */
        textColor: string;
      };
      /**
       * @description Its place in Gmail's list of labels.
       * @default labelShow
       * @enum {string}
       */
      labelListVisibility?: "labelShow" | "labelShowIfUnread" | "labelHide";
      /**
       * @description Its visibility on e-mails in lists.
       * @default show
       * @enum {string}
       */
      messageListVisibility?: "show" | "hide"; /** @description The label's name. `Travel/Flights` is nested under `Travel`. */
      name: string;
    }; /** @description A label as Gmail returns it; serialized, it is our output. */
    GmailCreateLabelOutput: {
      /** @description The id. */id: string; /** @description The name. */
      name?: string; /** @description `system`, or `user` for one of the mailbox's own. */
      type?: string;
    };
    /**
     * @description Delete a draft permanently: it does not go to the trash.
     * @example {
     *       "draftId": "r-6000000000000000001"
     *     }
     */
    GmailDeleteDraftContext: {
      /** @description The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it. */draftId: string;
    }; /** @description A draft that was deleted. */
    GmailDeleteDraftOutput: {
      /** @description Always true. */deleted: boolean; /** @description The id. */
      id: string;
    };
    /**
     * @description Delete a label permanently. The e-mails that have it stay, without it.
     * @example {
     *       "label": "Receipts"
     *     }
     */
    GmailDeleteLabelContext: {
      /** @description The label, by name or id, for example `Receipts`. */label: string;
    }; /** @description A label that was deleted. */
    GmailDeleteLabelOutput: {
      /** @description Always true. */deleted: boolean; /** @description The id. */
      id: string;
    };
    /**
     * @description Find e-mails, newest first: sender, recipients, subject, date and a snippet of each. `gmail_get_email` reads one in full.
     * @example {
     *       "limit": 5,
     *       "query": "is:unread"
     *     }
     */
    GmailFetchEmailsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Set to true to return texts, HTML and attachments too. A text over 20 KiB is cut; an e-mail over 5 MiB has none.
       * @default false
       */
      includeBody?: boolean; /** @description Return only e-mails with all of these labels, by name or id: `inbox`, `Receipts`. */
      labels?: string[];
      /**
       * @description Number of e-mails to return.
       * @default 10
       */
      limit?: number; /** @description Search query in the syntax of Gmail's search box: `is:unread from:ann@example.com`. Without it all mail is found. */
      query?: string;
    };
    GmailFetchEmailsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      emails: {
        /** @description The attachments; absent if they were not read. */attachments?: {
          /** @description The MIME type. */contentType?: string; /** @description The file's name. */
          filename?: string; /** @description The id, for `gmail_get_attachment`. */
          id: string; /** @description True for a file that is shown in the e-mail itself, such as a picture; false for one that is attached to it. */
          inline: boolean; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The recipients of a blind copy. */
        bcc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The recipients of a copy. */
        cc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The time at which Gmail received it, else the one that its sender wrote. */
        date?: string; /** @description The events of the calendars in it, such as invitations. */
        events?: {
          /** @description The time at which it ends, or a date. */end?: string; /** @description The place. */
          location?: string; /** @description The purpose: `REQUEST` invites or changes, `CANCEL` calls off, `REPLY` answers. */
          method?: string; /** @description The person who invites. */
          organizer?: {
            /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
            name?: string;
          }; /** @description The time at which it starts, or a date. */
          start?: string; /** @description The title. */
          summary?: string; /** @description The time zone of times without one, as the sender names it. */
          timeZone?: string;
        }[]; /** @description The sender. */
        from?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }; /** @description The HTML. */
        html?: string; /** @description The id. */
        id: string; /** @description The ids of its labels. */
        labelIds: string[]; /** @description The address at which a person can open it. */
        link: string; /** @description The people to whom replies go, if not to the sender. */
        replyTo?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The beginning of the text. */
        snippet?: string; /** @description The subject line. */
        subject?: string; /** @description The text. It is made of the HTML where the sender wrote no plain one; the addresses of links are then below it. */
        text?: string; /** @description The id of its thread. */
        threadId?: string; /** @description The recipients. */
        to: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description True if a part of it is too long and was cut or left out. */
        truncated: boolean; /** @description True if it is marked as unread. */
        unread: boolean;
      }[];
    };
    /**
     * @description Forward an e-mail, quoted and with its attachments, with an optional note above it. It is sent at once, unless `asDraft` is true.
     * @example {
     *       "body": "Could you pay this one?",
     *       "messageId": "18f0000000000006",
     *       "to": "kim@example.com"
     *     }
     */
    GmailForwardContext: {
      /**
       * @description Set to true to write a draft for a person to check, and send nothing.
       * @default false
       */
      asDraft?: boolean; /** @description Recipients of a blind copy, hidden from the others. */
      bcc?: string | string[]; /** @description A note to put above the e-mail, plain text without markup. */
      body?: string; /** @description Recipients of a copy. */
      cc?: string | string[]; /** @description The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`. */
      from?: string; /** @description The note as HTML. */
      html?: string;
      /**
       * @description Set to false to leave out its attachments, which may have at most 25 MiB in total.
       * @default true
       */
      includeAttachments?: boolean; /** @description The note as Markdown. */
      markdown?: string; /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */
      messageId: string;
      /**
       * @description True adds the signature of the sending address.
       * @default false
       */
      signature?: boolean; /** @description The recipients: an e-mail address, several separated by commas, or a list. */
      to?: string | string[];
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailForwardOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Read an attachment of an e-mail: its name, type and size, and its `file`, which other actions take.
     * @example {
     *       "attachmentId": "1",
     *       "messageId": "18f0000000000006"
     *     }
     */
    GmailGetAttachmentContext: {
      /**
       * @description True to read the text of a text file of at most 20 KiB too.
       * @default false
       */
      asText?: boolean; /** @description The attachment's `id` in the list that `gmail_get_email` returns, for example `0.2`. */
      attachmentId: string; /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */
      messageId: string;
    }; /** @description A file that another action can name. */
    GmailGetAttachmentOutput: {
      /** @description The MIME type. */contentType: string; /** @description The file's id, which another action takes for 24 hours. */
      file: string; /** @description The file's name. */
      filename: string; /** @description The size in bytes. */
      size: number; /** @description The content of a small text file, if it was asked for. */
      text?: string;
    };
    /**
     * @description Read a draft in full: recipients, subject, text, HTML and the list of its attachments.
     * @example {
     *       "draftId": "r-6000000000000000001"
     *     }
     */
    GmailGetDraftContext: {
      /** @description The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it. */draftId: string;
    }; /** @description A draft with its e-mail. */
    GmailGetDraftOutput: {
      /** @description Its e-mail. */email?: {
        /** @description The attachments; absent if they were not read. */attachments?: {
          /** @description The MIME type. */contentType?: string; /** @description The file's name. */
          filename?: string; /** @description The id, for `gmail_get_attachment`. */
          id: string; /** @description True for a file that is shown in the e-mail itself, such as a picture; false for one that is attached to it. */
          inline: boolean; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The recipients of a blind copy. */
        bcc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The recipients of a copy. */
        cc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The time at which Gmail received it, else the one that its sender wrote. */
        date?: string; /** @description The events of the calendars in it, such as invitations. */
        events?: {
          /** @description The time at which it ends, or a date. */end?: string; /** @description The place. */
          location?: string; /** @description The purpose: `REQUEST` invites or changes, `CANCEL` calls off, `REPLY` answers. */
          method?: string; /** @description The person who invites. */
          organizer?: {
            /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
            name?: string;
          }; /** @description The time at which it starts, or a date. */
          start?: string; /** @description The title. */
          summary?: string; /** @description The time zone of times without one, as the sender names it. */
          timeZone?: string;
        }[]; /** @description The sender. */
        from?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }; /** @description The HTML. */
        html?: string; /** @description The id. */
        id: string; /** @description The ids of its labels. */
        labelIds: string[]; /** @description The address at which a person can open it. */
        link: string; /** @description The people to whom replies go, if not to the sender. */
        replyTo?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The beginning of the text. */
        snippet?: string; /** @description The subject line. */
        subject?: string; /** @description The text. It is made of the HTML where the sender wrote no plain one; the addresses of links are then below it. */
        text?: string; /** @description The id of its thread. */
        threadId?: string; /** @description The recipients. */
        to: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description True if a part of it is too long and was cut or left out. */
        truncated: boolean; /** @description True if it is marked as unread. */
        unread: boolean;
      }; /** @description The draft's id, for `gmail_update_draft`, `gmail_send_draft` and `gmail_delete_draft`. */
      id: string;
    };
    /**
     * @description Read one e-mail in full: headers, text, HTML, labels and the list of its attachments.
     * @example {
     *       "messageId": "18f0000000000006"
     *     }
     */
    GmailGetEmailContext: {
      /**
       * @description Set to false to leave out text, HTML and attachments.
       * @default true
       */
      includeBody?: boolean; /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */
      messageId: string;
    }; /** @description An e-mail. */
    GmailGetEmailOutput: {
      /** @description The attachments; absent if they were not read. */attachments?: {
        /** @description The MIME type. */contentType?: string; /** @description The file's name. */
        filename?: string; /** @description The id, for `gmail_get_attachment`. */
        id: string; /** @description True for a file that is shown in the e-mail itself, such as a picture; false for one that is attached to it. */
        inline: boolean; /** @description The size in bytes. */
        size?: number;
      }[]; /** @description The recipients of a blind copy. */
      bcc?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The recipients of a copy. */
      cc?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The time at which Gmail received it, else the one that its sender wrote. */
      date?: string; /** @description The events of the calendars in it, such as invitations. */
      events?: {
        /** @description The time at which it ends, or a date. */end?: string; /** @description The place. */
        location?: string; /** @description The purpose: `REQUEST` invites or changes, `CANCEL` calls off, `REPLY` answers. */
        method?: string; /** @description The person who invites. */
        organizer?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }; /** @description The time at which it starts, or a date. */
        start?: string; /** @description The title. */
        summary?: string; /** @description The time zone of times without one, as the sender names it. */
        timeZone?: string;
      }[]; /** @description The sender. */
      from?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }; /** @description The HTML. */
      html?: string; /** @description The id. */
      id: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The address at which a person can open it. */
      link: string; /** @description The people to whom replies go, if not to the sender. */
      replyTo?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The beginning of the text. */
      snippet?: string; /** @description The subject line. */
      subject?: string; /** @description The text. It is made of the HTML where the sender wrote no plain one; the addresses of links are then below it. */
      text?: string; /** @description The id of its thread. */
      threadId?: string; /** @description The recipients. */
      to: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description True if a part of it is too long and was cut or left out. */
      truncated: boolean; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Read one filter.
     * @example {
     *       "filterId": "ANe1BmhSandboxFilter"
     *     }
     */
    GmailGetFilterContext: {
      /** @description The filter's `id`, as `gmail_list_filters` returns it. */filterId: string;
    }; /** @description A filter as Gmail returns it; serialized, it is our output. */
    GmailGetFilterOutput: {
      /** @description The actions on them. */action?: {
        /**
         * @description The ids of the labels that it adds.
         * @default []
         */
        addLabelIds: string[]; /** @description The address to which it forwards. */
        forward?: string;
        /**
         * @description The ids of the labels that it removes; `INBOX` means that it archives.
         * @default []
         */
        removeLabelIds: string[];
      }; /** @description The e-mails that it is for. */
      criteria?: {
        /** @description True if chats are left out. */excludeChats?: boolean; /** @description The sender's name or address. */
        from?: string; /** @description True for e-mails with attachments. */
        hasAttachment?: boolean; /** @description A query that must not find the e-mail. */
        negatedQuery?: string; /** @description A query in the syntax of Gmail's search box. */
        query?: string; /** @description The size of the e-mail in bytes. */
        size?: number; /** @description `smaller` or `larger` than the size. */
        sizeComparison?: string; /** @description Words of the subject. */
        subject?: string; /** @description A recipient's name or address. */
        to?: string;
      };
      /**
       * @description The id.
       * @default
       */
      id: string;
    };
    /**
     * @description Read a label: its colour, its visibility, and how many e-mails and threads have it.
     * @example {
     *       "label": "receipts"
     *     }
     */
    GmailGetLabelContext: {
      /** @description The label, by name or id: `inbox`, `Receipts`. */label: string;
    }; /** @description A label with its options and counts, as Gmail returns it; serialized, it is our output. <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels#Label> */
    GmailGetLabelOutput: {
      /** @description The colour. */color?: {
        /** @description The colour behind the text. */backgroundColor?: string; /** @description The colour of the text, for example `#000000`. */
        textColor?: string;
      };
      /**
       * @description The id.
       * @default
       */
      id: string; /** @description Its place in Gmail's list of labels. */
      labelListVisibility?: string; /** @description Its visibility on e-mails in lists. */
      messageListVisibility?: string; /** @description The number of e-mails that have it. */
      messagesTotal?: number; /** @description The number of unread e-mails that have it. */
      messagesUnread?: number; /** @description The name. */
      name?: string; /** @description The number of threads that have it. */
      threadsTotal?: number; /** @description The number of unread threads that have it. */
      threadsUnread?: number; /** @description `system`, or `user` for one of the mailbox's own. */
      type?: string;
    };
    /**
     * @description Read which Gmail account is connected: its address, and how many e-mails and threads it holds.
     * @example {}
     */
    GmailGetProfileContext: Record<string, never>; /** @description The account of the access token as Gmail returns it; serialized, it is our output. */
    GmailGetProfileOutput: {
      /** @description The account's address. */email: string; /** @description The number of its e-mails. */
      messagesTotal?: number; /** @description The number of its threads. */
      threadsTotal?: number;
    };
    /**
     * @description Read all e-mails of a thread, oldest first. A text over 20 KiB is cut, and an e-mail over 5 MiB has none: `gmail_get_email` returns more of one.
     * @example {
     *       "threadId": "18f0000000000001"
     *     }
     */
    GmailGetThreadContext: {
      /** @description The `cursor` of the previous part of a long thread. */cursor?: string;
      /**
       * @description Set to false to leave out texts, HTML and attachments.
       * @default true
       */
      includeBody?: boolean; /** @description The `threadId` of any of its e-mails. */
      threadId: string;
    }; /** @description A thread as the action returns it. */
    GmailGetThreadOutput: {
      /** @description Returns the next part of a thread that is too long for one answer, as `cursor`; absent after the last. */cursor?: string; /** @description The e-mails, oldest first. */
      emails: {
        /** @description The attachments; absent if they were not read. */attachments?: {
          /** @description The MIME type. */contentType?: string; /** @description The file's name. */
          filename?: string; /** @description The id, for `gmail_get_attachment`. */
          id: string; /** @description True for a file that is shown in the e-mail itself, such as a picture; false for one that is attached to it. */
          inline: boolean; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The recipients of a blind copy. */
        bcc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The recipients of a copy. */
        cc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The time at which Gmail received it, else the one that its sender wrote. */
        date?: string; /** @description The events of the calendars in it, such as invitations. */
        events?: {
          /** @description The time at which it ends, or a date. */end?: string; /** @description The place. */
          location?: string; /** @description The purpose: `REQUEST` invites or changes, `CANCEL` calls off, `REPLY` answers. */
          method?: string; /** @description The person who invites. */
          organizer?: {
            /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
            name?: string;
          }; /** @description The time at which it starts, or a date. */
          start?: string; /** @description The title. */
          summary?: string; /** @description The time zone of times without one, as the sender names it. */
          timeZone?: string;
        }[]; /** @description The sender. */
        from?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }; /** @description The HTML. */
        html?: string; /** @description The id. */
        id: string; /** @description The ids of its labels. */
        labelIds: string[]; /** @description The address at which a person can open it. */
        link: string; /** @description The people to whom replies go, if not to the sender. */
        replyTo?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The beginning of the text. */
        snippet?: string; /** @description The subject line. */
        subject?: string; /** @description The text. It is made of the HTML where the sender wrote no plain one; the addresses of links are then below it. */
        text?: string; /** @description The id of its thread. */
        threadId?: string; /** @description The recipients. */
        to: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description True if a part of it is too long and was cut or left out. */
        truncated: boolean; /** @description True if it is marked as unread. */
        unread: boolean;
      }[]; /** @description The id. */
      id: string; /** @description The address at which a person can open it. */
      link: string;
    };
    /**
     * @description Read the automatic reply for times of absence: whether it is on, its text, and when it is sent.
     * @example {}
     */
    GmailGetVacationContext: Record<string, never>; /** @description The automatic reply as the action returns it. */
    GmailGetVacationOutput: {
      /** @description True if only people of the account's contacts get it. */contactsOnly: boolean; /** @description True if only people of the account's organization get it. */
      domainOnly: boolean; /** @description True if it is on. */
      enabled: boolean; /** @description The time until which it is sent. */
      end?: string; /** @description Its HTML, which is sent in the place of the text. */
      html?: string; /** @description The time from which it is sent. */
      start?: string; /** @description The beginning of its subject. */
      subject?: string; /** @description Its text. */
      text?: string;
    };
    /**
     * @description List the drafts of the mailbox, newest first, with recipients, subject, date and a snippet.
     * @example {
     *       "limit": 5
     *     }
     */
    GmailListDraftsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of drafts to return.
       * @default 10
       */
      limit?: number;
    };
    GmailListDraftsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      drafts: {
        /** @description The recipients of a blind copy. */bcc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The recipients of a copy. */
        cc?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The time at which it was written. */
        date?: string; /** @description The draft's id, for `gmail_update_draft`, `gmail_send_draft` and `gmail_delete_draft`. */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The id of its e-mail. */
        messageId?: string; /** @description The beginning of the text. */
        snippet?: string; /** @description The subject line. */
        subject?: string; /** @description The id of its thread. */
        threadId?: string; /** @description The recipients. */
        to?: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[];
      }[];
    };
    /**
     * @description List the filters that Gmail applies to new e-mails: which e-mails each is for, and what it does with them.
     * @example {}
     */
    GmailListFiltersContext: Record<string, never>;
    GmailListFiltersOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      filters: {
        /** @description The actions on them. */action?: {
          /**
           * @description The ids of the labels that it adds.
           * @default []
           */
          addLabelIds: string[]; /** @description The address to which it forwards. */
          forward?: string;
          /**
           * @description The ids of the labels that it removes; `INBOX` means that it archives.
           * @default []
           */
          removeLabelIds: string[];
        }; /** @description The e-mails that it is for. */
        criteria?: {
          /** @description True if chats are left out. */excludeChats?: boolean; /** @description The sender's name or address. */
          from?: string; /** @description True for e-mails with attachments. */
          hasAttachment?: boolean; /** @description A query that must not find the e-mail. */
          negatedQuery?: string; /** @description A query in the syntax of Gmail's search box. */
          query?: string; /** @description The size of the e-mail in bytes. */
          size?: number; /** @description `smaller` or `larger` than the size. */
          sizeComparison?: string; /** @description Words of the subject. */
          subject?: string; /** @description A recipient's name or address. */
          to?: string;
        };
        /**
         * @description The id.
         * @default
         */
        id: string;
      }[];
    };
    /**
     * @description List the labels of the mailbox with the `id` and the `name` that other actions accept.
     * @example {}
     */
    GmailListLabelsContext: Record<string, never>;
    GmailListLabelsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      labels: {
        /** @description The id. */id: string; /** @description The name. */
        name?: string; /** @description `system`, or `user` for one of the mailbox's own. */
        type?: string;
      }[];
    };
    /**
     * @description List the addresses from which the account can send: its own and its aliases, with display name and signature.
     * @example {}
     */
    GmailListSendAsContext: Record<string, never>;
    GmailListSendAsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      senders: {
        /** @description The address. */email: string;
        /**
         * @description True for the address that new e-mails have.
         * @default false
         */
        isDefault: boolean;
        /**
         * @description True for the address of the account itself.
         * @default false
         */
        isPrimary: boolean; /** @description The display name. */
        name?: string; /** @description The address to which replies go, if not to this one. */
        replyTo?: string; /** @description The signature in HTML. */
        signature?: string; /** @description False for an address of its own mailbox, such as one that several people share; absent for the account's own. */
        treatAsAlias?: boolean; /** @description `accepted`, or `pending` for an alias that is not verified yet. */
        verificationStatus?: string;
      }[];
    };
    /**
     * @description Find threads, newest first: subject, senders, time, number of e-mails and labels of each. `gmail_get_thread` reads one.
     * @example {
     *       "labels": [
     *         "Inbox"
     *       ],
     *       "limit": 5,
     *       "query": "is:unread"
     *     }
     */
    GmailListThreadsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string; /** @description Return only threads with an e-mail that has all of these labels, by name or id: `inbox`, `Receipts`. */
      labels?: string[];
      /**
       * @description Number of threads to return.
       * @default 10
       */
      limit?: number; /** @description Search query in the syntax of Gmail's search box: `is:unread from:ann@example.com`. A thread is found if one of its e-mails is. */
      query?: string;
    };
    GmailListThreadsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      threads: {
        /** @description The time of its last e-mail. */date?: string; /** @description The number of its e-mails. */
        emailCount: number; /** @description The senders of its e-mails, each once. */
        from: {
          /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
          name?: string;
        }[]; /** @description The id, for `gmail_get_thread`. */
        id: string; /** @description The ids of the labels that any of its e-mails has. */
        labelIds: string[]; /** @description The address at which a person can open it. */
        link: string; /** @description The beginning of the text of its last e-mail. */
        snippet?: string; /** @description The subject line of its first e-mail. */
        subject?: string; /** @description True if an e-mail of it is marked as unread. */
        unread: boolean;
      }[];
    };
    /**
     * @description Mark an e-mail as read or unread, star or archive it, or add and remove labels. `gmail_trash_email` deletes it.
     * @example {
     *       "actions": [
     *         "read",
     *         "archive"
     *       ],
     *       "add": [
     *         "Receipts"
     *       ],
     *       "messageId": "18f0000000000005"
     *     }
     */
    GmailModifyLabelsContext: {
      /** @description Changes of system labels by common names. `archive` removes the e-mail from the inbox. */actions?: ("read" | "unread" | "star" | "unstar" | "archive" | "unarchive")[]; /** @description Labels to add, by name or id, for example `Receipts`. `gmail_create_label` creates a missing one. */
      add?: string[]; /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */
      messageId: string; /** @description Labels to remove, by name or id. */
      remove?: string[];
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailModifyLabelsOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Mark all e-mails of a thread as read or unread, star or archive them, or add and remove labels.
     * @example {
     *       "actions": [
     *         "read",
     *         "archive"
     *       ],
     *       "add": [
     *         "Receipts"
     *       ],
     *       "threadId": "18f0000000000001"
     *     }
     */
    GmailModifyThreadContext: {
      /** @description Changes of system labels by common names. `archive` removes the thread from the inbox. */actions?: ("read" | "unread" | "star" | "unstar" | "archive" | "unarchive")[]; /** @description Labels to add, by name or id, for example `Receipts`. */
      add?: string[]; /** @description Labels to remove, by name or id. */
      remove?: string[]; /** @description The `threadId` of any of its e-mails. */
      threadId: string;
    }; /** @description A thread that an action changed. */
    GmailModifyThreadOutput: {
      /** @description Its e-mails with their labels. */emails: {
        /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
        id?: string; /** @description The ids of its labels. */
        labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
        leftOut?: string[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The id of its thread. */
        threadId?: string; /** @description True if it is marked as unread. */
        unread: boolean;
      }[]; /** @description The id. */
      id: string; /** @description The address at which a person can open it. */
      link: string;
    };
    /**
     * @description Reply to the sender and all other recipients of an e-mail, in its thread; `gmail_reply` writes to the sender alone. It is sent at once, unless `asDraft` is true.
     * @example {
     *       "body": "I tell them on Friday.",
     *       "messageId": "18f0000000000004"
     *     }
     */
    GmailReplyAllContext: {
      /**
       * @description True writes a draft in the thread and sends nothing.
       * @default false
       */
      asDraft?: boolean; /** @description Files to attach, 25 MiB in total. */
      attachments?: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }[]; /** @description Recipients of a blind copy, hidden from the others. */
      bcc?: string | string[]; /** @description The text, plain, without a quotation. */
      body?: string; /** @description Additional recipients of a copy. */
      cc?: string | string[]; /** @description The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`. */
      from?: string; /** @description The text as HTML. */
      html?: string; /** @description The text as Markdown. */
      markdown?: string; /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */
      messageId: string;
      /**
       * @description True quotes the e-mail below the text, as people's mail programs do.
       * @default false
       */
      quote?: boolean;
      /**
       * @description True adds the signature of the sending address.
       * @default false
       */
      signature?: boolean;
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailReplyAllOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Reply to the sender of an e-mail, in its thread; `gmail_reply_all` writes to its other recipients too. It is sent at once, unless `asDraft` is true.
     * @example {
     *       "body": "I tell them on Friday.",
     *       "messageId": "18f0000000000004"
     *     }
     */
    GmailReplyContext: {
      /**
       * @description True writes a draft in the thread and sends nothing.
       * @default false
       */
      asDraft?: boolean; /** @description Files to attach, 25 MiB in total. */
      attachments?: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }[]; /** @description Recipients of a blind copy, hidden from the others. */
      bcc?: string | string[]; /** @description The text, plain, without a quotation. */
      body?: string; /** @description Additional recipients of a copy. */
      cc?: string | string[]; /** @description The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`. */
      from?: string; /** @description The text as HTML. */
      html?: string; /** @description The text as Markdown. */
      markdown?: string; /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */
      messageId: string;
      /**
       * @description True quotes the e-mail below the text, as people's mail programs do.
       * @default false
       */
      quote?: boolean;
      /**
       * @description True adds the signature of the sending address.
       * @default false
       */
      signature?: boolean;
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailReplyOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Send a draft as it is. Sending deletes the draft.
     * @example {
     *       "draftId": "r-6000000000000000001"
     *     }
     */
    GmailSendDraftContext: {
      /** @description The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it. */draftId: string;
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailSendDraftOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Send a new e-mail at once; `gmail_create_draft` lets a person check it first, and `gmail_reply` answers one.
     * @example {
     *       "body": "See you on Monday.",
     *       "subject": "Hello",
     *       "to": "kim@example.com"
     *     }
     */
    GmailSendEmailContext: {
      /** @description Files to attach, 25 MiB in total; one of the type `text/calendar; method=REQUEST` is an invitation. The HTML shows a picture by its name: `<img src="cid:logo.png">`. */attachments?: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }[]; /** @description Recipients of a blind copy, hidden from the others. */
      bcc?: string | string[]; /** @description The text, plain, without markup. */
      body?: string; /** @description Recipients of a copy. */
      cc?: string | string[]; /** @description The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`. */
      from?: string; /** @description The text as HTML. */
      html?: string; /** @description The text as Markdown. */
      markdown?: string; /** @description The address to which replies go, if not the sender's. */
      replyTo?: string;
      /**
       * @description True adds the signature of the sending address.
       * @default false
       */
      signature?: boolean; /** @description The subject line. */
      subject: string; /** @description The recipients: an e-mail address such as `Ann <ann@example.com>`, several separated by commas, or a list. */
      to?: string | string[];
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailSendEmailOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Move an e-mail to the trash. Gmail deletes it after 30 days; until then `gmail_untrash_email` restores it.
     * @example {
     *       "messageId": "18f0000000000009"
     *     }
     */
    GmailTrashEmailContext: {
      /** @description The e-mail's `id`, as `gmail_fetch_emails` returns it. */messageId: string;
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailTrashEmailOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Move all e-mails of a thread to the trash. Gmail deletes them after 30 days; until then `gmail_untrash_thread` restores them.
     * @example {
     *       "threadId": "18f0000000000006"
     *     }
     */
    GmailTrashThreadContext: {
      /** @description The `threadId` of any of its e-mails. */threadId: string;
    }; /** @description A thread that an action changed. */
    GmailTrashThreadOutput: {
      /** @description Its e-mails with their labels. */emails: {
        /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
        id?: string; /** @description The ids of its labels. */
        labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
        leftOut?: string[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The id of its thread. */
        threadId?: string; /** @description True if it is marked as unread. */
        unread: boolean;
      }[]; /** @description The id. */
      id: string; /** @description The address at which a person can open it. */
      link: string;
    };
    /**
     * @description Restore an e-mail from the trash.
     * @example {
     *       "messageId": "18f000000000000e"
     *     }
     */
    GmailUntrashEmailContext: {
      /** @description The e-mail's `id`; `gmail_fetch_emails` finds e-mails in the trash by the query `in:trash`. */messageId: string;
    }; /** @description An e-mail that an action sent or whose labels it changed. */
    GmailUntrashEmailOutput: {
      /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
      id?: string; /** @description The ids of its labels. */
      labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
      leftOut?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its thread. */
      threadId?: string; /** @description True if it is marked as unread. */
      unread: boolean;
    };
    /**
     * @description Restore all e-mails of a thread from the trash.
     * @example {
     *       "threadId": "18f000000000000e"
     *     }
     */
    GmailUntrashThreadContext: {
      /** @description The thread's `id`; `gmail_list_threads` finds threads in the trash by the query `in:trash`. */threadId: string;
    }; /** @description A thread that an action changed. */
    GmailUntrashThreadOutput: {
      /** @description Its e-mails with their labels. */emails: {
        /** @description The id of the draft, for `gmail_send_draft`, if it was written as a draft. */draftId?: string; /** @description The id; absent if Gmail does not allow to read it. */
        id?: string; /** @description The ids of its labels. */
        labelIds: string[]; /** @description The people named in the original without an address. They were left out. */
        leftOut?: string[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The id of its thread. */
        threadId?: string; /** @description True if it is marked as unread. */
        unread: boolean;
      }[]; /** @description The id. */
      id: string; /** @description The address at which a person can open it. */
      link: string;
    };
    /**
     * @description Change a draft. What is left out stays as it is; a new text replaces the plain text and the HTML, and new files replace all files. A draft of a reply stays in its thread as long as its subject matches.
     * @example {
     *       "body": "The page is up. Could you have a look?",
     *       "draftId": "r-6000000000000000001",
     *       "subject": "Press page",
     *       "to": "kim@example.com"
     *     }
     */
    GmailUpdateDraftContext: {
      /** @description Files to attach, 25 MiB in total. */attachments?: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }[]; /** @description Recipients of a blind copy, hidden from the others. */
      bcc?: string | string[]; /** @description The text, plain, without markup. It is made of `html` where only that is new. */
      body?: string; /** @description Recipients of a copy. */
      cc?: string | string[]; /** @description Fields to empty, for example `["cc"]`. */
      clear?: ("attachments" | "bcc" | "cc" | "replyTo" | "to")[]; /** @description The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it. */
      draftId: string; /** @description The account's address or alias that sends it; with another display name as `Ann <ann@example.com>`. */
      from?: string; /** @description The text as HTML. */
      html?: string; /** @description The text as Markdown. */
      markdown?: string; /** @description The address to which replies go, if not the sender's. */
      replyTo?: string; /** @description The subject line. */
      subject?: string; /** @description The recipients: an e-mail address, several separated by commas, or a list. */
      to?: string | string[];
    }; /** @description A draft as actions return it. */
    GmailUpdateDraftOutput: {
      /** @description The recipients of a blind copy. */bcc?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The recipients of a copy. */
      cc?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[]; /** @description The time at which it was written. */
      date?: string; /** @description The draft's id, for `gmail_update_draft`, `gmail_send_draft` and `gmail_delete_draft`. */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The id of its e-mail. */
      messageId?: string; /** @description The beginning of the text. */
      snippet?: string; /** @description The subject line. */
      subject?: string; /** @description The id of its thread. */
      threadId?: string; /** @description The recipients. */
      to?: {
        /** @description The e-mail address. */email?: string; /** @description The name, or the header's own text where it has no address. */
        name?: string;
      }[];
    };
    /**
     * @description Change the name, the colour or the visibility of a label. What is not named stays as it is.
     * @example {
     *       "color": {
     *         "backgroundColor": "#000000",
     *         "textColor": "#ffffff"
     *       },
     *       "label": "Receipts",
     *       "name": "Bills"
     *     }
     */
    GmailUpdateLabelContext: {
      /** @description Its new colour. */color?: {
        /** @description The colour behind the text, for example `#ffffff`. */backgroundColor: string; /** @description The colour of the text, for example `#000000`. */
        textColor: string;
      }; /** @description The label, by name or id, for example `Receipts`. */
      label: string;
      /**
       * @description Its place in Gmail's list of labels.
       * @enum {string}
       */
      labelListVisibility?: "labelShow" | "labelShowIfUnread" | "labelHide";
      /**
       * @description Its visibility on e-mails in lists.
       * @enum {string}
       */
      messageListVisibility?: "show" | "hide"; /** @description Its new name. `Travel/Flights` is nested under `Travel`. */
      name?: string;
    }; /** @description A label with its options and counts, as Gmail returns it; serialized, it is our output. <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels#Label> */
    GmailUpdateLabelOutput: {
      /** @description The colour. */color?: {
        /** @description The colour behind the text. */backgroundColor?: string; /** @description The colour of the text, for example `#000000`. */
        textColor?: string;
      };
      /**
       * @description The id.
       * @default
       */
      id: string; /** @description Its place in Gmail's list of labels. */
      labelListVisibility?: string; /** @description Its visibility on e-mails in lists. */
      messageListVisibility?: string; /** @description The number of e-mails that have it. */
      messagesTotal?: number; /** @description The number of unread e-mails that have it. */
      messagesUnread?: number; /** @description The name. */
      name?: string; /** @description The number of threads that have it. */
      threadsTotal?: number; /** @description The number of unread threads that have it. */
      threadsUnread?: number; /** @description `system`, or `user` for one of the mailbox's own. */
      type?: string;
    };
    /**
     * @description Hints on what a call does, in the terms of the Model Context Protocol:
     *     <https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations>
     */
    Hints: {
      /** @description True if something that was there can be overwritten, removed or ended. */destructiveHint: boolean; /** @description True if a second call with the same arguments changes nothing more. */
      idempotentHint: boolean; /** @description True if a provider or other people are reached. */
      openWorldHint: boolean; /** @description True if nothing is changed. */
      readOnlyHint: boolean;
    };
    /**
     * Format: date-time
     * @description ISO 8601 with a zone; always UTC in responses
     */
    Instant: string; /** @description A connection of the user to an account of a tool, without tokens and without their location. */
    Integration: {
      /** @description The connected account. */account: components["schemas"]["Account"]; /** @description The time of creation. */
      createdAt: components["schemas"]["Instant"]; /** @description True for the account of requests that name none, by the person's choice. */
      default: boolean;
      expiresAt: null | components["schemas"]["Instant"]; /** @description The id of the connection. */
      id: string; /** @description The person's own label of the account. */
      label?: string;
      /**
       * Format: date
       * @description The day of the latest use or connect, UTC.
       */
      lastUsedOn: string; /** @description Fields of the caller's choice, or of the provider. */
      metadata: {
        [key: string]: unknown;
      }; /** @description The OAuth scopes that the consent asked for; empty for a ready token. */
      requestedScopes: string[]; /** @description The OAuth scopes that the consent asked for, for the person's own token; absent if it asked for none. */
      requestedUserScopes?: string[]; /** @description The granted OAuth scopes; empty if they are unknown. */
      scopes: string[]; /** @description The state of the connection. */
      status: components["schemas"]["ConnectionStatus"]; /** @description The connected tool. */
      tool: string; /** @description The time of the last change. */
      updatedAt: components["schemas"]["Instant"]; /** @description The granted OAuth scopes of the person's own token beside the app's, empty if they are unknown; absent without such a token. */
      userScopes?: string[];
    }; /** @description A page of connections. */
    Integrations: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The connections of this page. */
      integrations: components["schemas"]["Integration"][];
    }; /** @description The last error of a task. */
    LastError: {
      /** @description The resolution of the error. A task that is tried again needs nothing. */action: components["schemas"]["ErrorAction"];
      code: components["schemas"]["ErrorCode"]; /** @description The part that was done before the action failed: the `done` steps, and the `results` of each item of a list. */
      data?: {
        [key: string]: unknown;
      }; /** @description The message, for a person. What it quotes of the payload is removed. */
      message: string; /** @description The outcome of the effect. */
      outcome: components["schemas"]["Outcome"];
    }; /** @description A logged error. */
    LoggedError: {
      account: null | components["schemas"]["AccountId"]; /** @description The action that failed. */
      action: string; /** @description The agent whose action failed. */
      agentId: string;
      /**
       * Format: int32
       * @description The number of the failed attempt; `null` for a reported error.
       */
      attempt: number | null;
      errorAction: null | components["schemas"]["ErrorAction"]; /** @description The stable code of the error. */
      errorCode: string; /** @description The id of the error. */
      errorId: string; /** @description The message of the error. */
      errorMessage: string;
      outcome: null | components["schemas"]["Outcome"]; /** @description The input of the action. */
      payload: {
        [key: string]: unknown;
      }; /** @description True if the error was marked as resolved. */
      resolved: boolean;
      resolvedAt: null | components["schemas"]["Instant"]; /** @description The task that failed; `null` for a reported error. */
      taskId: string | null; /** @description The time of the failure. */
      timestamp: components["schemas"]["Instant"]; /** @description The tool. */
      tool: string;
    }; /** @description The result of a lookup: the external id of a context key, or the context keys of an external id. */
    Lookup: {
      /** @description The id of the object at the provider. */externalId: string;
    } | components["schemas"]["MappingKeys"]; /** @description A mapping of a context key to an external id. */
    Mapping: {
      /** @description The id of the account of the object. */account: components["schemas"]["AccountId"]; /** @description The agent that owns the mapping. */
      agentId: string; /** @description The agent's name of the object. */
      contextKey: string; /** @description The time of creation. */
      createdAt: components["schemas"]["Instant"];
      expiresAt: null | components["schemas"]["Instant"]; /** @description The id of the object at the provider. */
      externalId: string; /** @description A display name for people. */
      friendlyName: string | null; /** @description The id of the mapping. */
      id: string; /** @description Fields of the caller's choice. */
      metadata: {
        [key: string]: unknown;
      }; /** @description The tool of the object. */
      tool: string; /** @description The time of the last change. */
      updatedAt: components["schemas"]["Instant"];
    }; /** @description A created mapping. */
    MappingCreated: {
      /** @description The id of the mapping. */id: string; /** @description Always true. */
      success: boolean;
    }; /** @description The mapping to delete. */
    MappingDelete: {
      /** @description The id of the mapping. */id: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description Result of a reverse look-up. */
    MappingKeys: {
      /** @description The oldest of `contextKeys`; `null` if this page has none. */contextKey: string | null; /** @description The keys of this page that name the external id, at most 100, oldest first. */
      contextKeys: string[]; /** @description The cursor of the next page; `null` on the last page. */
      cursor: string | null;
    }; /** @description A mapping in a request. */
    MappingRequest: {
      /** @description The account of the external id: its id, label or address. Required if several are connected and none is the default. */account?: string | null; /** @description The agent that owns the mapping. */
      agentId: string; /** @description The agent's own key. */
      contextKey: string;
      expiresAt?: null | components["schemas"]["Instant"]; /** @description The provider's id that the key stands for. */
      externalId: string; /** @description A name for people. */
      friendlyName?: string | null; /** @description Fields of the caller's choice. */
      metadata?: {
        [key: string]: unknown;
      } | null;
      /**
       * @description The tool, for example `slack`.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The changes to a mapping. An absent field keeps its value. */
    MappingUpdateRequest: {
      expiresAt?: null | components["schemas"]["Instant"]; /** @description The id of the object at the provider. */
      externalId?: string | null; /** @description A display name for people. */
      friendlyName?: string | null; /** @description The id of the mapping. */
      id: string; /** @description Fields of the caller's choice. They replace all former ones. */
      metadata?: {
        [key: string]: unknown;
      } | null; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A page of mappings, or the mapping with the requested id. */
    Mappings: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The mappings of this page. */
      mappings: components["schemas"]["Mapping"][];
    } | {
      /** @description The mapping with the requested id. */mapping: components["schemas"]["Mapping"];
    }; /** @description The mappings to delete. */
    MappingsDeleteRequest: {
      /** @description 1 to 100 ids of mappings. */ids: string[]; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The mappings to create or change. */
    MappingsUpsertRequest: {
      /** @description 1 to 100 mappings. */mappings: components["schemas"]["MappingRequest"][]; /** @description The user; by default the token's subject */
      userId?: string | null;
    };
    /**
     * @description The treatment of an occurrence that could not start on time.
     * @enum {string}
     */
    Misfire: "skip" | "run_once";
    /**
     * @description Comment on a Notion page or a block of it, or reply in a thread. The comment is shown under the connection's own name.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031",
     *       "text": "Can we move this to Friday?"
     *     }
     */
    NotionAddCommentContext: {
      /** @description The `discussionId` of a comment there, to reply in its thread. Without it a new thread is started. */discussionId?: string;
      /**
       * @description The dialect of `text`: `markdown`, or `notion` with Notion's tags, as `<mention url="user://..">Ann</mention>`.
       * @enum {string}
       */
      format?: "markdown" | "notion"; /** @description The page, or a block on it: its id or a link to it. */
      pageId: string; /** @description The comment, as Markdown. Comments have no blocks: a list or a table becomes lines. */
      text: string;
    }; /** @description A comment as output. */
    NotionAddCommentOutput: {
      /** @description The author, under the name that the comment shows. */author?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The time of creation. */
      createdAt?: string; /** @description The id of its thread. */
      discussionId?: string; /** @description The id. */
      id: string; /** @description The page or the block that it is on. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The plain text. */
      text: string;
    };
    /**
     * @description Add content at the end of a Notion page, as Markdown. To replace the content use `notion_update_page`.
     * @example {
     *       "content": "## Next\n\n- [ ] Book the room",
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"
     *     }
     */
    NotionAppendContentContext: {
      /** @description The block behind which to add: its id or a link to it. Without it content is added at `position`. */after?: string;
      /**
       * @description True to let tags as `<page url=..>` move what exists to this page.
       * @default false
       */
      allowMoves?: boolean; /** @description The content to add, as Markdown: headings, lists, to-dos, tables, code, quotes. */
      content: string;
      /**
       * @description The dialect of `content`: `markdown`, or `notion` with Notion's tags.
       * @enum {string}
       */
      format?: "markdown" | "notion"; /** @description The page: its id or a link to it. */
      pageId: string;
      /**
       * @description The place to add at: the `end` of the page, or its `start`.
       * @default end
       * @enum {string}
       */
      position?: "end" | "start";
    }; /** @description The page that was changed, as Notion returns it; serialized, it is our output. */
    NotionAppendContentOutput: {
      /** @description The id of the page. */id: string;
    };
    /**
     * @description Move a Notion page or a row of a database to the trash, with everything under it. `notion_restore_page` restores it.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"
     *     }
     */
    NotionArchivePageContext: {
      /** @description The page or row: its id or a link to it. */pageId: string;
    }; /** @description A page as output. */
    NotionArchivePageOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
      createdBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The icon: an emoji, the address of a picture, or a name. */
      icon?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
      incompleteProperties?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The page, the data source or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The values of the properties, by name; an empty one is null. */
      properties: {
        [key: string]: unknown;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string; /** @description The person or the bot that changed it last. */
      updatedBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Create a database on a Notion page. Its rows are then created by `notion_create_page`. A second call creates a second database.
     * @example {
     *       "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010",
     *       "properties": {
     *         "Finished": "date",
     *         "Status": {
     *           "select": [
     *             "To read",
     *             "Read"
     *           ]
     *         },
     *         "Title": "title"
     *       },
     *       "title": "Reading list"
     *     }
     */
    NotionCreateDatabaseContext: {
      /** @description The purpose of the database, in plain text. */description?: string; /** @description The icon: one emoji, for example `📚`, or the https address of a picture. */
      icon?: string; /** @description True to show the database on the page itself instead of as a separate page. */
      inline?: boolean; /** @description The page to create it on: its id or a link to it. It must be shared with the connection. */
      parent: string; /** @description The properties of its rows, by name: `{"Task": "title", "Due": "date", "Priority": {"select": ["Low", "High"]}}`. Types are title, text, number, select, multi_select, status, date, people, files, checkbox, url, email, phone_number, created_time, created_by, last_edited_time and last_edited_by. Exactly one is the title; without one, `Name` is added as the title. Notion's own property schema objects are accepted, for relations and formulas. */
      properties?: {
        [key: string]: unknown;
      }; /** @description The title. */
      title: string;
    }; /** @description A database as output. */
    NotionCreateDatabaseOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The data sources, usually one. */
      dataSources: {
        /** @description The id. */id: string; /** @description The name. */
        name: string; /** @description The properties of its rows, by name, if they were read. */
        properties?: {
          [key: string]: {
            /** @description The id of the data source of related pages. */dataSourceId?: string; /** @description The expression of a formula. */
            expression?: string; /** @description The format of a number. */
            format?: string; /** @description The names of the options. */
            options?: string[]; /** @description The type. */
            type?: string;
          };
        };
      }[]; /** @description The purpose. */
      description?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The address at which a person can open it. */
      link?: string; /** @description The page that it is on. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string;
    };
    /**
     * @description Create a Notion page under another page, or as a row of a database. A second call creates a second page.
     * @example {
     *       "content": "# Today\n\n- Decisions",
     *       "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010",
     *       "title": "Minutes"
     *     }
     */
    NotionCreatePageContext: {
      /** @description The content, as Markdown: headings, lists, to-dos, tables, code, quotes. */content?: string;
      /**
       * @description The dialect of `content`: `markdown`, or `notion` with Notion's tags.
       * @enum {string}
       */
      format?: "markdown" | "notion"; /** @description The icon: one emoji, for example `🚀`, or the https address of a picture. */
      icon?: string; /** @description The page or the database to create it in: its id or a link to it. It must be shared with the connection. */
      parent: string; /** @description Further properties of a row, by name: `{"Status": "Done", "Due": "2026-12-01", "Tags": ["a", "b"]}`. People are e-mail addresses, names or `me`, relations titles or ids, files https addresses, a date range is `{"start": .., "end": .., "time_zone": ..}`. `notion_get_database` returns the properties of a database. */
      properties?: {
        [key: string]: unknown;
      }; /** @description The title. */
      title: string;
    }; /** @description A page as output. */
    NotionCreatePageOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
      createdBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The icon: an emoji, the address of a picture, or a name. */
      icon?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
      incompleteProperties?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The page, the data source or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The values of the properties, by name; an empty one is null. */
      properties: {
        [key: string]: unknown;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string; /** @description The person or the bot that changed it last. */
      updatedBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Move a block of a Notion page to the trash, with the blocks under it. A page or a database is no block here: `notion_archive_page` moves a page to the trash.
     * @example {
     *       "blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041"
     *     }
     */
    NotionDeleteBlockContext: {
      /**
       * @description True to move the pages and databases under the block to the trash too.
       * @default false
       */
      allowDeletingContent?: boolean; /** @description The block, as `notion_list_blocks` returns it: its id or a link to it. */
      blockId: string;
    }; /** @description A block as output. */
    NotionDeleteBlockOutput: {
      /** @description True if a to-do is done. */checked?: boolean; /** @description The color, if it is not the default. */
      color?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The number of blocks above it, up to the one that was asked for. */
      depth?: number; /** @description True if there are blocks under it. */
      hasChildren?: boolean; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The language of code. */
      language?: string; /** @description The address of a bookmark, an embed or a file elsewhere on the web. */
      link?: string; /** @description The page or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The text, as Markdown; of a table's row its cells, of a file or a link its caption, of code and equations the source. */
      text?: string; /** @description The type, for example `paragraph`, `heading_1`, `to_do`, `code`, `table_row`, `child_page`. */
      type?: string; /** @description The time of the last change. */
      updatedAt?: string;
    };
    /**
     * @description Read a block of a Notion page: its type, text and marks. `notion_list_blocks` reads the blocks under it.
     * @example {
     *       "blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041"
     *     }
     */
    NotionGetBlockContext: {
      /** @description The block: its id or a link to it. */blockId: string;
    }; /** @description A block as output. */
    NotionGetBlockOutput: {
      /** @description True if a to-do is done. */checked?: boolean; /** @description The color, if it is not the default. */
      color?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The number of blocks above it, up to the one that was asked for. */
      depth?: number; /** @description True if there are blocks under it. */
      hasChildren?: boolean; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The language of code. */
      language?: string; /** @description The address of a bookmark, an embed or a file elsewhere on the web. */
      link?: string; /** @description The page or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The text, as Markdown; of a table's row its cells, of a file or a link its caption, of code and equations the source. */
      text?: string; /** @description The type, for example `paragraph`, `heading_1`, `to_do`, `code`, `table_row`, `child_page`. */
      type?: string; /** @description The time of the last change. */
      updatedAt?: string;
    };
    /**
     * @description Read the structure of a Notion database: its data sources, and the properties of their rows with types and options. Read it before `notion_create_page`, `notion_update_page` and `notion_query_database`.
     * @example {
     *       "databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020"
     *     }
     */
    NotionGetDatabaseContext: {
      /** @description The database or one of its data sources: its id or a link to it. */databaseId: string;
    }; /** @description A database as output. */
    NotionGetDatabaseOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The data sources, usually one. */
      dataSources: {
        /** @description The id. */id: string; /** @description The name. */
        name: string; /** @description The properties of its rows, by name, if they were read. */
        properties?: {
          [key: string]: {
            /** @description The id of the data source of related pages. */dataSourceId?: string; /** @description The expression of a formula. */
            expression?: string; /** @description The format of a number. */
            format?: string; /** @description The names of the options. */
            options?: string[]; /** @description The type. */
            type?: string;
          };
        };
      }[]; /** @description The purpose. */
      description?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The address at which a person can open it. */
      link?: string; /** @description The page that it is on. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string;
    };
    /**
     * @description Read a file on a Notion page: its name, type and size, and its `file`, which other actions take. A file elsewhere on the web has only a link.
     * @example {
     *       "blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0061"
     *     }
     */
    NotionGetFileContext: {
      /**
       * @description True to read the text of a text file of at most 20 KiB too.
       * @default false
       */
      asText?: boolean; /** @description The block of the file, as `notion_list_files` returns it: its id or a link to it. */
      blockId: string;
    }; /** @description A file that another action can name. */
    NotionGetFileOutput: {
      /** @description The MIME type. */contentType: string; /** @description The file's id, which another action takes for 24 hours. */
      file: string; /** @description The file's name. */
      filename: string; /** @description The size in bytes. */
      size: number; /** @description The content of a small text file, if it was asked for. */
      text?: string;
    };
    /**
     * @description Read who this connection is in Notion: its bot, which is the author of what it writes, its workspace, and the person who set it up.
     * @example {}
     */
    NotionGetMeContext: Record<string, never>; /** @description The user of a token, as output. */
    NotionGetMeOutput: {
      /** @description The e-mail address of a person. */email?: string; /** @description The id of the bot. */
      id: string; /** @description The size of the largest file that the workspace takes, in bytes. */
      maxFileBytes?: number; /** @description The name of the connection. */
      name?: string; /** @description The person who set up the connection; absent if the workspace owns it. */
      owner?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The kind: `bot`, or `person` for a personal token. */
      type?: string; /** @description The id of the workspace. */
      workspaceId?: string; /** @description The name of the workspace. */
      workspaceName?: string;
    };
    /**
     * @description Read the content of a Notion page, as Markdown. Of a very long page Notion returns only the beginning: `truncated` is true then, and each of `unreadBlockIds` can be read like a page. Of a page over 5 MiB only these ids are returned.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"
     *     }
     */
    NotionGetPageContentContext: {
      /**
       * @description The dialect of the content: `markdown`, or `notion` with Notion's tags.
       * @enum {string}
       */
      format?: "markdown" | "notion"; /** @description The page: its id or a link to it; or one of the `unreadBlockIds` of an earlier call. */
      pageId: string;
    }; /** @description The content of a page as Notion returns it; serialized, it is our output. */
    NotionGetPageContentOutput: {
      /** @description The content, as Markdown. */content?: string; /** @description The id of the page. */
      id: string; /** @description True if a part of the content is missing. */
      truncated?: boolean;
      /**
       * @description The ids of the blocks that are missing.
       * @default []
       */
      unreadBlockIds: string[];
    };
    /**
     * @description Read a Notion page's title, properties and parent, without its content: use `notion_get_page_content` for that.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"
     *     }
     */
    NotionGetPageContext: {
      /** @description The page: its id or a link to it. */pageId: string;
    }; /** @description A page as output. */
    NotionGetPageOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
      createdBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The icon: an emoji, the address of a picture, or a name. */
      icon?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
      incompleteProperties?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The page, the data source or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The values of the properties, by name; an empty one is null. */
      properties: {
        [key: string]: unknown;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string; /** @description The person or the bot that changed it last. */
      updatedBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Read one property of a Notion page whole, in pages: of related pages, people and mentions other actions return the first 25.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031",
     *       "property": "Status"
     *     }
     */
    NotionGetPagePropertyContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of values to return, of a property with several.
       * @default 25
       */
      limit?: number; /** @description The page: its id or a link to it. */
      pageId: string; /** @description The name of the property. */
      property: string;
    }; /** @description A property as output. */
    NotionGetPagePropertyOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string; /** @description The name. */
      property: string; /** @description The type. */
      type?: string; /** @description The value, or those of this page: a list, or a part of a text. Absent for an empty one. */
      value?: string | number | boolean | {
        [key: string]: unknown;
      } | (string | number | {
        [key: string]: unknown;
      })[];
    };
    /**
     * @description Read a person or a bot of the Notion workspace. A guest is found only by id.
     * @example {
     *       "user": "sam@example.com"
     *     }
     */
    NotionGetUserContext: {
      /** @description The user: an id, an e-mail address, or a name that only one has. */user: string;
    }; /** @description A user as output. */
    NotionGetUserOutput: {
      /** @description The address of the picture. */avatarUrl?: string; /** @description The e-mail address, if the connection has access to it. */
      email?: string; /** @description The id. */
      id: string; /** @description The name. */
      name?: string; /** @description The kind: `person` or `bot`. */
      type?: string;
    };
    /**
     * @description List the blocks of a Notion page or under a block, in order, with the ids that `notion_update_block`, `notion_delete_block` and comments take. `notion_get_page_content` reads the same as one text.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"
     *     }
     */
    NotionListBlocksContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of blocks to return, without nested ones.
       * @default 25
       */
      limit?: number;
      /**
       * @description True to list the blocks under each block too, behind it and with their `depth`.
       * @default false
       */
      nested?: boolean; /** @description The page, or a block on it: its id or a link to it. */
      pageId: string;
    };
    NotionListBlocksOutput: {
      blocks: {
        /** @description True if a to-do is done. */checked?: boolean; /** @description The color, if it is not the default. */
        color?: string; /** @description The time of creation. */
        createdAt?: string; /** @description The number of blocks above it, up to the one that was asked for. */
        depth?: number; /** @description True if there are blocks under it. */
        hasChildren?: boolean; /** @description The id. */
        id: string; /** @description True if it is in the trash. */
        inTrash?: boolean; /** @description The language of code. */
        language?: string; /** @description The address of a bookmark, an embed or a file elsewhere on the web. */
        link?: string; /** @description The page or the block that it is in. */
        parent?: {
          /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
          type: string;
        }; /** @description The text, as Markdown; of a table's row its cells, of a file or a link its caption, of code and equations the source. */
        text?: string; /** @description The type, for example `paragraph`, `heading_1`, `to_do`, `code`, `table_row`, `child_page`. */
        type?: string; /** @description The time of the last change. */
        updatedAt?: string;
      }[]; /** @description The cursor of the next page; absent on the last page. */
      cursor?: string;
    };
    /**
     * @description Read the open comments of a Notion page or of a block, oldest first, each with its thread. Those on blocks of the page are left out: pass the id of the block, or a link to it. Resolved comments are left out too.
     * @example {
     *       "limit": 10,
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"
     *     }
     */
    NotionListCommentsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of comments to return.
       * @default 25
       */
      limit?: number; /** @description The page, or a block on it: its id or a link to it. */
      pageId: string;
    };
    NotionListCommentsOutput: {
      comments: {
        /** @description The author, under the name that the comment shows. */author?: {
          /** @description The e-mail address. */email?: string; /** @description The id. */
          id: string; /** @description The name. */
          name?: string;
        }; /** @description The time of creation. */
        createdAt?: string; /** @description The id of its thread. */
        discussionId?: string; /** @description The id. */
        id: string; /** @description The page or the block that it is on. */
        parent?: {
          /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
          type: string;
        }; /** @description The plain text. */
        text: string;
      }[]; /** @description The cursor of the next page; absent on the last page. */
      cursor?: string;
    };
    /**
     * @description List the Notion databases that are shared with the connection, with their ids. New databases may appear with a delay. To find one by its title use `notion_search`.
     * @example {
     *       "limit": 10
     *     }
     */
    NotionListDatabasesContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of databases to return.
       * @default 25
       */
      limit?: number;
    };
    NotionListDatabasesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      databases: {
        /** @description The id of a database's data source, which they accept as well. */dataSourceId?: string; /** @description The id, which other actions accept. */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The page, the data source or the block that it is in. */
        parent?: {
          /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
          type: string;
        }; /** @description The title. */
        title?: string;
        /**
         * @description The kind, if it is one of these.
         * @enum {string}
         */
        type?: "page" | "database"; /** @description The time of the last change. */
        updatedAt?: string;
      }[];
    };
    /**
     * @description List the files on a Notion page, or under a block: pictures, PDFs, videos, sounds and others.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"
     *     }
     */
    NotionListFilesContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of blocks to read. Only those with a file are returned, so a page with a `cursor` can have fewer, or none.
       * @default 25
       */
      limit?: number; /** @description The page, or a block on it: its id or a link to it. */
      pageId: string;
    };
    NotionListFilesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      files: {
        /** @description The caption. */caption?: string; /** @description The file's name. */
        filename?: string; /** @description The id of the block, which `notion_get_file` takes. */
        id?: string; /** @description The address of a file that is elsewhere on the web. */
        link?: string; /** @description The type of the block: `file`, `image`, `pdf`, `video` or `audio`. */
        type: string;
      }[];
    };
    /**
     * @description List the people and bots of the Notion workspace, with the ids that people properties accept. Guests are not listed.
     * @example {
     *       "limit": 10
     *     }
     */
    NotionListUsersContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of users to return.
       * @default 25
       */
      limit?: number;
    };
    NotionListUsersOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      users: {
        /** @description The address of the picture. */avatarUrl?: string; /** @description The e-mail address, if the connection has access to it. */
        email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string; /** @description The kind: `person` or `bot`. */
        type?: string;
      }[];
    };
    /**
     * @description Move a Notion page, with everything under it, under another page or into a database. People who see it only by the old place may lose it, and those of the new place see it.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031",
     *       "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"
     *     }
     */
    NotionMovePageContext: {
      /** @description The page or row to move: its id or a link to it. Databases cannot be moved. */pageId: string; /** @description The new place: the id of, or a link to, a page, a database or one of its data sources. */
      parent: string;
    }; /** @description A page as output. */
    NotionMovePageOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
      createdBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The icon: an emoji, the address of a picture, or a name. */
      icon?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
      incompleteProperties?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The page, the data source or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The values of the properties, by name; an empty one is null. */
      properties: {
        [key: string]: unknown;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string; /** @description The person or the bot that changed it last. */
      updatedBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Read rows of a Notion database, with their properties as plain values. Each row is a page. `notion_search` finds a page by its title.
     * @example {
     *       "databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020",
     *       "filter": {
     *         "Status": [
     *           "Not started",
     *           "In progress"
     *         ]
     *       },
     *       "limit": 10,
     *       "sorts": [
     *         {
     *           "direction": "ascending",
     *           "property": "Name"
     *         }
     *       ]
     *     }
     */
    NotionQueryDatabaseContext: {
      /** @description The `cursor` of the previous page. */cursor?: string; /** @description The database or one of its data sources: its id or a link to it. */
      databaseId: string; /** @description Conditions by property, which must all match: a value, or operators of its type: `{"Status": "Done", "Num": {"greater_than": 5}, "Due": {"past_week": {}}}`. A list means any of its values; for a property with several values it means all of them. `null` means empty. `{"or": [{..}, {..}]}` combines filters. Notion's own filters are accepted. */
      filter?: {
        [key: string]: unknown;
      };
      /**
       * @description Number of rows to return.
       * @default 25
       */
      limit?: number; /** @description The names of the properties to return besides the title: `["Status", "Due"]`. Without them all are returned. */
      properties?: string[]; /** @description The sort order; the first entry has precedence. Without it the newest row is first. */
      sorts?: {
        /**
         * @description The direction.
         * @default ascending
         * @enum {string}
         */
        direction?: "ascending" | "descending"; /** @description The name of a property. */
        property?: string;
        /**
         * @description The time of creation or of the last change, in the place of a property.
         * @enum {string}
         */
        timestamp?: "created_time" | "last_edited_time";
      }[];
    }; /** @description A page of rows as output. */
    NotionQueryDatabaseOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string; /** @description True if Notion does not return all rows that match: only the first 10,000. */
      incomplete?: boolean; /** @description The rows of the page. */
      rows: {
        /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
        createdBy?: {
          /** @description The e-mail address. */email?: string; /** @description The id. */
          id: string; /** @description The name. */
          name?: string;
        }; /** @description The icon: an emoji, the address of a picture, or a name. */
        icon?: string; /** @description The id. */
        id: string; /** @description True if it is in the trash. */
        inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
        incompleteProperties?: string[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The page, the data source or the block that it is in. */
        parent?: {
          /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
          type: string;
        }; /** @description The values of the properties, by name; an empty one is null. */
        properties: {
          [key: string]: unknown;
        }; /** @description The title. */
        title?: string; /** @description The time of the last change. */
        updatedAt?: string; /** @description The person or the bot that changed it last. */
        updatedBy?: {
          /** @description The e-mail address. */email?: string; /** @description The id. */
          id: string; /** @description The name. */
          name?: string;
        };
      }[];
    };
    /**
     * @description Restore a Notion page or a row of a database from the trash, with everything under it.
     * @example {
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0034"
     *     }
     */
    NotionRestorePageContext: {
      /** @description The page or row in the trash: its id or a link to it. */pageId: string;
    }; /** @description A page as output. */
    NotionRestorePageOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
      createdBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The icon: an emoji, the address of a picture, or a name. */
      icon?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
      incompleteProperties?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The page, the data source or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The values of the properties, by name; an empty one is null. */
      properties: {
        [key: string]: unknown;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string; /** @description The person or the bot that changed it last. */
      updatedBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Find Notion pages and databases by title, not by content. Only what is shared with the connection is found, and new pages may appear with a delay. To find rows of a database use `notion_query_database`.
     * @example {
     *       "limit": 10,
     *       "query": "launch",
     *       "type": "page"
     *     }
     */
    NotionSearchContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of results to return.
       * @default 25
       */
      limit?: number; /** @description Words of the title. Without them everything is returned. */
      query?: string;
      /**
       * @description The order by last change. Without it results are ordered by relevance.
       * @enum {string}
       */
      sort?: "newestFirst" | "oldestFirst";
      /**
       * @description The kind to return: pages with rows, or databases. Without it both are returned.
       * @enum {string}
       */
      type?: "page" | "database";
    };
    NotionSearchOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      results: {
        /** @description The id of a database's data source, which they accept as well. */dataSourceId?: string; /** @description The id, which other actions accept. */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The page, the data source or the block that it is in. */
        parent?: {
          /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
          type: string;
        }; /** @description The title. */
        title?: string;
        /**
         * @description The kind, if it is one of these.
         * @enum {string}
         */
        type?: "page" | "database"; /** @description The time of the last change. */
        updatedAt?: string;
      }[];
    };
    /**
     * @description Change a block of a Notion page in place: its text, whether a to-do is done, its color, or the language of code. What is left out stays as it is, and so do its type and the blocks under it.
     * @example {
     *       "blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041",
     *       "text": "Welcome. **Plans** live below."
     *     }
     */
    NotionUpdateBlockContext: {
      /** @description The block, as `notion_list_blocks` returns it: its id or a link to it. */blockId: string; /** @description True if the to-do is done. */
      checked?: boolean; /** @description The color of the text or the background: `red`, `blue_background`, `default`. */
      color?: string; /** @description The language of code, for example `python`. */
      language?: string; /** @description The new text, as Markdown without the mark of the block: `Buy **milk**`, not `- [ ] Buy milk`. Of code and equations it is the source, of a file or a link the caption, of a table's row its cells: `a | b`. */
      text?: string;
    }; /** @description A block as output. */
    NotionUpdateBlockOutput: {
      /** @description True if a to-do is done. */checked?: boolean; /** @description The color, if it is not the default. */
      color?: string; /** @description The time of creation. */
      createdAt?: string; /** @description The number of blocks above it, up to the one that was asked for. */
      depth?: number; /** @description True if there are blocks under it. */
      hasChildren?: boolean; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The language of code. */
      language?: string; /** @description The address of a bookmark, an embed or a file elsewhere on the web. */
      link?: string; /** @description The page or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The text, as Markdown; of a table's row its cells, of a file or a link its caption, of code and equations the source. */
      text?: string; /** @description The type, for example `paragraph`, `heading_1`, `to_do`, `code`, `table_row`, `child_page`. */
      type?: string; /** @description The time of the last change. */
      updatedAt?: string;
    };
    /**
     * @description Change a Notion database: its title, its description, and the properties of its rows with their options. Fields left out stay unchanged. `notion_get_database` returns the properties.
     * @example {
     *       "add": {
     *         "Due": "date"
     *       },
     *       "addOptions": {
     *         "Priority": [
     *           "Urgent"
     *         ]
     *       },
     *       "databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020"
     *     }
     */
    NotionUpdateDatabaseContext: {
      /** @description New properties with their types, as in `notion_create_database`: `{"Due": "date", "Level": {"select": ["S", "M"]}}`. */add?: {
        [key: string]: unknown;
      }; /** @description Options to add to properties: `{"Status": ["Blocked"]}`. */
      addOptions?: {
        [key: string]: string[];
      }; /** @description New types of properties: `{"Size": "number"}`. Notion converts the values or drops them. */
      change?: {
        [key: string]: unknown;
      }; /** @description The database or one of its data sources: its id or a link to it. */
      databaseId: string; /** @description The new purpose, in plain text. */
      description?: string; /** @description The properties to remove, with their values in all rows. */
      remove?: string[]; /** @description Options to remove, also from all rows: `{"Tags": ["old"]}`. Notion removes none of a status. */
      removeOptions?: {
        [key: string]: string[];
      }; /** @description New names of properties: `{"Old name": "New name"}`. */
      rename?: {
        [key: string]: string;
      }; /** @description The new title. */
      title?: string;
    }; /** @description A database as output. */
    NotionUpdateDatabaseOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The data sources, usually one. */
      dataSources: {
        /** @description The id. */id: string; /** @description The name. */
        name: string; /** @description The properties of its rows, by name, if they were read. */
        properties?: {
          [key: string]: {
            /** @description The id of the data source of related pages. */dataSourceId?: string; /** @description The expression of a formula. */
            expression?: string; /** @description The format of a number. */
            format?: string; /** @description The names of the options. */
            options?: string[]; /** @description The type. */
            type?: string;
          };
        };
      }[]; /** @description The purpose. */
      description?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The address at which a person can open it. */
      link?: string; /** @description The page that it is on. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string;
    };
    /**
     * @description Change parts of a Notion page's content by search and replace; the rest stays. Pages and databases on the page are never removed unless that is asked for. To replace the whole content use `notion_update_page`, to change one block `notion_update_block`.
     * @example {
     *       "edits": [
     *         {
     *           "new": "**Plans** live in the roadmap",
     *           "old": "Plans live in the roadmap"
     *         }
     *       ],
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"
     *     }
     */
    NotionUpdatePageContentContext: {
      /**
       * @description True to let Notion remove the pages and databases that are in a replaced text: they move to the trash.
       * @default false
       */
      allowDeletingContent?: boolean; /** @description The edits, each of a text that is on the page. */
      edits: {
        /**
         * @description True to replace the text wherever it is. Otherwise it must be at one place only.
         * @default false
         */
        all?: boolean; /** @description The new text, as Markdown. Leave it out to remove the old one. */
        new?: string; /** @description The text to replace, as Markdown and as `notion_get_page_content` returns it. Upper and lower case differ. */
        old: string;
      }[]; /** @description The page: its id or a link to it. */
      pageId: string;
    }; /** @description The change of a page's content, as output. */
    NotionUpdatePageContentOutput: {
      /** @description The id of the page. */id: string; /** @description The number of places that were changed. */
      places: number;
    };
    /**
     * @description Change a Notion page: its title, properties, icon or whole content. Fields left out stay unchanged. To add to the content use `notion_append_content`.
     * @example {
     *       "content": "Done on **Monday**.",
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031",
     *       "properties": {
     *         "Priority": "Low",
     *         "Status": "Done"
     *       },
     *       "title": "Write the launch plan together"
     *     }
     */
    NotionUpdatePageContext: {
      /**
       * @description True to let Notion remove the pages and databases on the page that `content` leaves out: they move to the trash.
       * @default false
       */
      allowDeletingContent?: boolean;
      /**
       * @description True to let tags as `<page url=..>` move what exists to this page.
       * @default false
       */
      allowMoves?: boolean; /** @description The names of the properties to clear: `["Due"]`. */
      clear?: string[]; /** @description Markdown that replaces the whole content. Notion refuses it if that would delete pages or databases on the page. */
      content?: string;
      /**
       * @description The dialect of `content`: `markdown`, or `notion` with Notion's tags.
       * @enum {string}
       */
      format?: "markdown" | "notion"; /** @description The new icon: one emoji, for example `🚀`, or the https address of a picture. */
      icon?: string; /** @description The page or row: its id or a link to it. */
      pageId: string; /** @description New values of a row's properties, by name: `{"Status": "Done", "Due": "2026-12-01", "Tags": ["a"]}`. People are e-mail addresses, names or `me`, relations titles or ids, files https addresses, a date range is `{"start": .., "end": .., "time_zone": ..}`. */
      properties?: {
        [key: string]: unknown;
      }; /** @description The new title. */
      title?: string;
    }; /** @description A page as output. */
    NotionUpdatePageOutput: {
      /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
      createdBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      }; /** @description The icon: an emoji, the address of a picture, or a name. */
      icon?: string; /** @description The id. */
      id: string; /** @description True if it is in the trash. */
      inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
      incompleteProperties?: string[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The page, the data source or the block that it is in. */
      parent?: {
        /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
        type: string;
      }; /** @description The values of the properties, by name; an empty one is null. */
      properties: {
        [key: string]: unknown;
      }; /** @description The title. */
      title?: string; /** @description The time of the last change. */
      updatedAt?: string; /** @description The person or the bot that changed it last. */
      updatedBy?: {
        /** @description The e-mail address. */email?: string; /** @description The id. */
        id: string; /** @description The name. */
        name?: string;
      };
    };
    /**
     * @description Add a file at the end of a Notion page: a picture, a PDF, a video or a sound as such, others as a download. Notion takes documents, pictures, sounds and videos, at most 5 MiB in a workspace on the free plan.
     * @example {
     *       "caption": "Monday",
     *       "file": {
     *         "filename": "minutes.txt",
     *         "text": "We met."
     *       },
     *       "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"
     *     }
     */
    NotionUploadFileContext: {
      /** @description The caption under the file, in plain text. */caption?: string; /** @description The file, at most 100 MiB. */
      file: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }; /** @description The page, or a block with blocks under it: its id or a link to it. */
      pageId: string;
    }; /** @description A block with a file, as output. */
    NotionUploadFileOutput: {
      /** @description The caption. */caption?: string; /** @description The file's name. */
      filename?: string; /** @description The id of the block, which `notion_get_file` takes. */
      id?: string; /** @description The address of a file that is elsewhere on the web. */
      link?: string; /** @description The type of the block: `file`, `image`, `pdf`, `video` or `audio`. */
      type: string;
    };
    /**
     * @description Set values of the row of a Notion database that `match` finds, or create it. Two calls at the same time can each create one.
     * @example {
     *       "databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020",
     *       "match": {
     *         "Name": "Print badges"
     *       },
     *       "properties": {
     *         "Status": "In progress"
     *       }
     *     }
     */
    NotionUpsertRowContext: {
      /** @description The database or one of its data sources: its id or a link to it. */databaseId: string; /** @description The values by which the row is known, of properties that no two rows share: `{"Invoice": "A-17"}`. Only a new row is given them. */
      match: {
        [key: string]: unknown;
      }; /** @description Further values to set, by property: as in `notion_create_page`. */
      properties?: {
        [key: string]: unknown;
      }; /** @description The title. A new row without one has none. */
      title?: string;
    }; /** @description A row that was created or changed, as output. */
    NotionUpsertRowOutput: {
      /** @description True if the row was created. */created: boolean; /** @description The row. */
      row: {
        /** @description The time of creation. */createdAt?: string; /** @description The person or the bot that created it. */
        createdBy?: {
          /** @description The e-mail address. */email?: string; /** @description The id. */
          id: string; /** @description The name. */
          name?: string;
        }; /** @description The icon: an emoji, the address of a picture, or a name. */
        icon?: string; /** @description The id. */
        id: string; /** @description True if it is in the trash. */
        inTrash?: boolean; /** @description The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property` reads one whole. */
        incompleteProperties?: string[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The page, the data source or the block that it is in. */
        parent?: {
          /** @description The id. The workspace has none. */id?: string; /** @description The kind: `page`, `dataSource`, `database`, `block`, `agent` or `workspace`. */
          type: string;
        }; /** @description The values of the properties, by name; an empty one is null. */
        properties: {
          [key: string]: unknown;
        }; /** @description The title. */
        title?: string; /** @description The time of the last change. */
        updatedAt?: string; /** @description The person or the bot that changed it last. */
        updatedBy?: {
          /** @description The e-mail address. */email?: string; /** @description The id. */
          id: string; /** @description The name. */
          name?: string;
        };
      };
    }; /** @description A function of OpenAI. */
    OpenAiFunction: {
      description: string;
      name: string; /** @description The JSON Schema of the arguments. */
      parameters: {
        [key: string]: unknown;
      }; /** @description True if the schema is in the strict subset. */
      strict: boolean;
    };
    /**
     * @description The outcome of an action's effect.
     * @enum {string}
     */
    Outcome: "none" | "partial" | "done" | "unknown"; /** @description Failed, or the outcome is unknown. */
    PluginFailure: {
      /**
       * @description The data that the action read or created. Of an action that failed after a part of its work: the `done` steps in order, and the
       *     `results` of each item of a list.
       */
      data?: {
        [key: string]: unknown;
      }; /** @description The reason why the action was not done. */
      error: components["schemas"]["ErrorDetail"]; /** @description The text that the agent may show its user if the action was not done. */
      fallbackMessage: string; /** @description One sentence for a person. */
      message: string; /** @description Further properties of the result. */
      metadata?: {
        /** @description The id of the account that the intent is bound to. */account?: string; /** @description Nothing was sent. */
        dryRun?: boolean;
        /**
         * Format: date-time
         * @description The time of the task's first occurrence.
         */
        executeAt?: string; /** @description A link to the created object. */
        link?: string; /** @description The task that journals the intent. */
        taskId?: string;
      }; /** @constant */
      success: false;
    }; /** @description The result of an intent, as the API returns it. */
    PluginResult: components["schemas"]["PluginSuccess"] | components["schemas"]["PluginFailure"]; /** @description Succeeded, or accepted for later. */
    PluginSuccess: {
      /**
       * @description The data that the action read or created. Of an action that failed after a part of its work: the `done` steps in order, and the
       *     `results` of each item of a list.
       */
      data?: {
        [key: string]: unknown;
      }; /** @description The provider's id of the created object. */
      externalId?: string; /** @description One sentence for a person. */
      message: string; /** @description Further properties of the result. */
      metadata?: {
        /** @description The id of the account that the intent is bound to. */account?: string; /** @description Nothing was sent. */
        dryRun?: boolean;
        /**
         * Format: date-time
         * @description The time of the task's first occurrence.
         */
        executeAt?: string; /** @description A link to the created object. */
        link?: string; /** @description The task that journals the intent. */
        taskId?: string;
      }; /** @constant */
      success: true; /** @description The steps for a person before the time of an accepted task. Absent where there is none. */
      warnings?: components["schemas"]["Warning"][];
    }; /** @description The intent to process. */
    ProcessRequest: {
      /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string | null; /** @description The agent that requests the action. */
      agentId: string; /** @description The input of the action. Its `contextSchema` is in the list of tools. `{"contextKey": "..."}` can replace any value. */
      context?: {
        [key: string]: unknown;
      } | null; /** @description Returns the request that would be sent to the provider, without sending it. */
      dryRun?: boolean | null;
      executeAt?: null | components["schemas"]["Instant"]; /** @description The action of the tool, for example `send_email`. */
      intent: string; /** @description The context key under which the id of the created object is saved. */
      saveAs?: string | null;
      /**
       * @description The tool, for example `gmail`.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description Tokens that the caller already has. A person connects by a consent instead: `GET /oauth/authorize`. */
    ReadyTokensRequest: {
      /** @description The access token. */accessToken: string;
      expiresAt?: null | components["schemas"]["Instant"]; /** @description Fields of the caller's choice. */
      metadata?: {
        [key: string]: unknown;
      } | null; /** @description The refresh token that belongs to the access token. */
      refreshToken?: string | null; /** @description The OAuth scopes of the access token, at most 100. */
      scopes?: string[] | null;
      /**
       * @description The tool of the tokens, for example `gmail`.
       * @enum {string|null}
       */
      tool?: "gmail" | "notion" | "slack" | "asana" | null;
      /**
       * @description Another name of `tool`.
       * @enum {string|null}
       */
      toolName?: "gmail" | "notion" | "slack" | "asana" | null; /** @description The user; by default the token's subject */
      userId?: string | null;
    };
    /**
     * @description The recurrence of a task, as in requests and in the task's row. It has exactly one of `cron` and `every`.
     *
     *     Models read the short descriptions for `schemars`, because a list of tools leaves room for little.
     */
    Recurrence: {
      /**
       * Format: int32
       * @description Number of occurrences, the first included: 1 to 10,000. Skipped occurrences count; times that passed while an
       *     earlier occurrence was waiting or running do not.
       */
      count?: number | null;
      /**
       * @description Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday), for example `0 9 * * MON-FRI`.
       *     Names, ranges, steps and lists are supported, and `MON#1` for the first Monday of a month; `L`, `W` and `?` are not. If both
       *     days are restricted, either suffices, as in cron. Without `executeAt` the first occurrence is the next match; with it, the
       *     first occurrence is at `executeAt`.
       */
      cron?: string | null;
      /**
       * @description An ISO 8601 duration of at least a minute, for example `PT15M`, `P1D`, `P1W` or `P1M`, counted from `executeAt`
       *     and not from the last run. Days, weeks, months and years keep the local time of `timezone`; in a month that is too
       *     short the occurrence is on its last day.
       */
      every?: string | null; /** @default run_once */
      misfire?: components["schemas"]["Misfire"]; /** @description The IANA time zone of `cron` and `every`, for example `Europe/Berlin`; `UTC` by default. */
      timezone?: string | null;
      until?: null | components["schemas"]["Instant"];
    }; /** @description A refused request. */
    Refusal: {
      /** @description The reason of the refusal. */error: components["schemas"]["ErrorDetail"]; /** @description The id of the request; its log lines carry the same id. */
      requestId: string;
    }; /** @description The error to log. */
    ReportRequest: {
      /** @description The action that failed: one of the tool's. */action: string; /** @description The agent whose action failed. */
      agentId: string; /** @description A code of the agent's choice: 1 to 64 of A to Z, 0 to 9 and `_`. */
      errorCode: string; /** @description A message of the agent's choice, at most 2,000 bytes. It is stored for 90 days, without tokens and e-mail addresses. */
      errorMessage: string; /** @description The input of the action. Fields that the action does not have are not stored. */
      payload?: {
        [key: string]: unknown;
      } | null;
      /**
       * @description The tool.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A logged report. */
    Reported: {
      /** @description The id of the error. */errorId: string; /** @description The message for the person, from the failure policy. */
      fallbackMessage: string; /** @description Always true. */
      success: boolean;
    }; /** @description The error to resolve. */
    ResolveRequest: {
      /** @description The id of the error. */errorId: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description The result of a resolution. */
    Resolved: {
      /** @description True if this request resolved the error, false if it was already resolved. */changed: boolean; /** @description Always true. */
      success: boolean;
    };
    /**
     * @description The retry policy of a task whose attempt failed without an effect. An absent field has its default: 5 attempts, 4 seconds,
     *     900 seconds.
     */
    RetryPolicy: {
      /**
       * Format: int64
       * @description Longest wait before the second attempt, in seconds: 1 to 900. It doubles with every attempt.
       * @default 4
       */
      initialIntervalSeconds?: number;
      /**
       * Format: int32
       * @description Maximum number of attempts, the first included: 1 to 5.
       * @default 5
       */
      maxAttempts?: number;
      /**
       * Format: int64
       * @description Longest wait before any attempt, in seconds: at least `initialIntervalSeconds`, at most 86,400 (a day).
       * @default 900
       */
      maxIntervalSeconds?: number;
    }; /** @description The task to retry. */
    RetryRequest: {
      /**
       * @description Retries also a task that needs a person (`needs_attention`). The effect may then happen twice. A task that is `unknown` is refused,
       *     because the engine still asks the provider.
       */
      force?: boolean | null; /** @description The id of the task. */
      taskId: string; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description A revoked delegation, and what became of the tasks that the service had requested. */
    Revoked: {
      /** @description The number of tasks that were cancelled; a series is one. */cancelled: number; /** @description True if the time did not suffice for all tasks. A repeated request stops the others; each is also cancelled when it is due. */
      remaining: boolean; /** @description The number of tasks with an unfinished attempt. It ends by itself, and nothing follows it. */
      running: number; /** @description Always true. */
      success: boolean;
    }; /** @description The intent to schedule. */
    ScheduleRequest: {
      /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string | null; /** @description The agent that requests the action. */
      agentId: string; /** @description The input of the action. Its `contextSchema` is in the list of tools. `{"contextKey": "..."}` can replace any value. */
      context?: {
        [key: string]: unknown;
      } | null;
      executeAt?: null | components["schemas"]["Instant"]; /** @description The action of the tool, for example `send_email`. */
      intent: string;
      recurrence?: null | components["schemas"]["Recurrence"]; /** @description The context key under which the id of the created object is saved. */
      saveAs?: string | null;
      /**
       * @description The tool, for example `gmail`.
       * @enum {string}
       */
      tool: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
      userId?: string | null;
    }; /** @description An accepted task. */
    Scheduled: {
      /** @description The confirmation for a person. */message: string; /** @description Further properties of the result. */
      metadata: {
        /** @description The id of the account that the intent is bound to. */account?: string; /** @description Nothing was sent. */
        dryRun?: boolean;
        /**
         * Format: date-time
         * @description The time of the task's first occurrence.
         */
        executeAt?: string; /** @description A link to the created object. */
        link?: string; /** @description The task that journals the intent. */
        taskId?: string;
      }; /** @description Always true. */
      success: boolean; /** @description The id of the task. */
      taskId: string; /** @description The steps for a person before the time of the task. Absent where there is none. */
      warnings?: components["schemas"]["Warning"][];
    };
    /**
     * @description Add an emoji reaction to a Slack message, as the app. A second call changes nothing.
     * @example {
     *       "channel": "project-updates",
     *       "emoji": "tada",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackAddReactionContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The emoji, or its name in Slack: `👍`, `thumbsup`. */
      emoji: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A reaction that was added or removed, as output. */
    SlackAddReactionOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The emoji's name. */
      emoji: string; /** @description The `ts` of the message. */
      ts: string;
    };
    /**
     * @description Archive a Slack channel, for everyone: its messages remain, and nobody can post to it. A person can restore it in Slack. The app and the person must be members. A second call changes nothing.
     * @example {
     *       "channel": "project-updates"
     *     }
     */
    SlackArchiveChannelContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string;
    }; /** @description A channel that an action changed, as output. */
    SlackArchiveChannelOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The purpose that was set. */
      purpose?: string; /** @description The topic that was set. */
      topic?: string;
    };
    /**
     * @description Cancel a Slack message that the user's own agents scheduled, before it is posted; in the last minute Slack rejects this.
     * @example {
     *       "channel": "general",
     *       "id": "Q0CENTURY01"
     *     }
     */
    SlackCancelScheduledMessageContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `id` that `slack_schedule_message` and `slack_list_scheduled_messages` return, for example `Q1298393284`. */
      id: string;
    }; /** @description A scheduled message as output. */
    SlackCancelScheduledMessageOutput: {
      /** @description The channel. */channel?: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time at which it was scheduled. */
      createdAt?: string; /** @description The id. */
      id: string; /** @description The time of posting. */
      postAt?: string; /** @description The text: mentions by name, links as `label (address)`. */
      text?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string;
    };
    /**
     * @description Look up one Slack channel: its name, topic, purpose, number of members, and whether the app is a member.
     * @example {
     *       "channel": "general"
     *     }
     */
    SlackChannelInfoContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string;
    }; /** @description A channel or a direct conversation as output. */
    SlackChannelInfoOutput: {
      /** @description True for an archived channel. */archived?: boolean; /** @description The time of creation. */
      createdAt?: string; /** @description The person who created it. */
      createdBy?: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The id. */
      id: string; /** @description True if the app is a member. */
      member?: boolean; /** @description The number of members. */
      memberCount?: number; /** @description The name. */
      name?: string; /** @description The person of a direct conversation. */
      person?: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The purpose. */
      purpose?: string; /** @description The topic. */
      topic?: string;
      /**
       * @description The kind.
       * @enum {string}
       */
      type?: "public" | "private" | "direct" | "group";
    };
    /**
     * @description Create a Slack channel. Its first members are the app and, if it is private, the person; `slack_invite_to_channel` adds others.
     * @example {
     *       "name": "launch-week"
     *     }
     */
    SlackCreateChannelContext: {
      /** @description The name: lower case, without spaces or punctuation other than `-` and `_`. It must be unique, archived channels included. */name: string;
      /**
       * @description True for a private channel, visible only to its members.
       * @default false
       */
      private?: boolean;
    }; /** @description A channel or a direct conversation as output. */
    SlackCreateChannelOutput: {
      /** @description True for an archived channel. */archived?: boolean; /** @description The time of creation. */
      createdAt?: string; /** @description The person who created it. */
      createdBy?: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The id. */
      id: string; /** @description True if the app is a member. */
      member?: boolean; /** @description The number of members. */
      memberCount?: number; /** @description The name. */
      name?: string; /** @description The person of a direct conversation. */
      person?: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The purpose. */
      purpose?: string; /** @description The topic. */
      topic?: string;
      /**
       * @description The kind.
       * @enum {string}
       */
      type?: "public" | "private" | "direct" | "group";
    };
    /**
     * @description Delete a Slack message that the user's own agents posted with `slack_send_message`. It cannot be restored.
     * @example {
     *       "channel": "project-updates",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackDeleteMessageContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message that an action posted or changed, as output. */
    SlackDeleteMessageOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time of posting. */
      createdAt?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Read messages of a Slack channel, newest first, without the replies in threads: `slack_fetch_thread` reads those.
     * @example {
     *       "channel": "general",
     *       "limit": 5
     *     }
     */
    SlackFetchMessagesContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `cursor` of the previous page. */
      cursor?: string; /** @description Only messages before this time or `ts`. */
      latest?: string | number;
      /**
       * @description Number of messages to return. Some apps get at most 15.
       * @default 15
       */
      limit?: number; /** @description Only messages after this time, such as `2026-11-23T10:00:00Z`, or `ts`. */
      oldest?: string | number;
      /**
       * @description True to add Slack's markup.
       * @default false
       */
      raw?: boolean;
    };
    SlackFetchMessagesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      messages: {
        /** @description The one who posted it. */author?: {
          /** @description The id of the app's bot that posted it. */botId?: string; /** @description The user id. */
          id?: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The channel, unless all messages are of the one that was asked for. */
        channel?: {
          /** @description The id. */id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The time of posting. */
        createdAt?: string; /** @description The files, which `get_file` reads. */
        files: {
          /** @description The MIME type. */contentType?: string; /** @description The name. */
          filename?: string; /** @description The id, by which `get_file` reads it. */
          id: string; /** @description The address at which a person can open it. */
          link?: string; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The mentions in the text. */
        mentions?: {
          /** @description The id. */id?: string; /** @description The name, if it is known. */
          name?: string;
          /**
           * @description The kind. `person`: A person or an app; `channel`: A channel; `group`: A user group; `everyone`: All members, by the name `here`, `channel` or `everyone`
           * @enum {string}
           */
          type: "person" | "channel" | "group" | "everyone";
        }[]; /** @description The text in Slack's markup, the blocks and the attachments, with `raw`. */
        raw?: {
          [key: string]: unknown;
        }; /** @description The reactions. */
        reactions: {
          /** @description The number of people. */count?: number; /** @description The name of the emoji. */
          name: string;
        }[]; /** @description The number of replies. */
        replyCount?: number; /** @description The kind of a special message, such as `channel_join`. */
        subtype?: string; /** @description The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`. */
        text?: string; /** @description The `ts` of the first message of its thread. */
        threadTs?: string; /** @description The `ts`, the message's id in its channel. */
        ts: string;
      }[];
    };
    /**
     * @description Read a thread in Slack: its first message, then the replies, oldest first. The app must be a member of the channel.
     * @example {
     *       "channel": "project-updates",
     *       "threadTs": "1735689600.000100"
     *     }
     */
    SlackFetchThreadContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `cursor` of the previous page. */
      cursor?: string; /** @description Only replies before this time or `ts`. */
      latest?: string | number;
      /**
       * @description Number of messages to return. Some apps get at most 15.
       * @default 15
       */
      limit?: number; /** @description Only replies after this time, such as `2026-11-23T10:00:00Z`, or `ts`. */
      oldest?: string | number;
      /**
       * @description True to add Slack's markup.
       * @default false
       */
      raw?: boolean; /** @description The `ts` of the thread's first message, for example `1512085950.000216`; replies have it as `threadTs`. */
      threadTs: string;
    };
    SlackFetchThreadOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      messages: {
        /** @description The one who posted it. */author?: {
          /** @description The id of the app's bot that posted it. */botId?: string; /** @description The user id. */
          id?: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The channel, unless all messages are of the one that was asked for. */
        channel?: {
          /** @description The id. */id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The time of posting. */
        createdAt?: string; /** @description The files, which `get_file` reads. */
        files: {
          /** @description The MIME type. */contentType?: string; /** @description The name. */
          filename?: string; /** @description The id, by which `get_file` reads it. */
          id: string; /** @description The address at which a person can open it. */
          link?: string; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The mentions in the text. */
        mentions?: {
          /** @description The id. */id?: string; /** @description The name, if it is known. */
          name?: string;
          /**
           * @description The kind. `person`: A person or an app; `channel`: A channel; `group`: A user group; `everyone`: All members, by the name `here`, `channel` or `everyone`
           * @enum {string}
           */
          type: "person" | "channel" | "group" | "everyone";
        }[]; /** @description The text in Slack's markup, the blocks and the attachments, with `raw`. */
        raw?: {
          [key: string]: unknown;
        }; /** @description The reactions. */
        reactions: {
          /** @description The number of people. */count?: number; /** @description The name of the emoji. */
          name: string;
        }[]; /** @description The number of replies. */
        replyCount?: number; /** @description The kind of a special message, such as `channel_join`. */
        subtype?: string; /** @description The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`. */
        text?: string; /** @description The `ts` of the first message of its thread. */
        threadTs?: string; /** @description The `ts`, the message's id in its channel. */
        ts: string;
      }[];
    };
    /**
     * @description Read a file that was shared in Slack: its name, type and size, and its `file`, which other actions take.
     * @example {
     *       "asText": true,
     *       "fileId": "F0LANDING01"
     *     }
     */
    SlackGetFileContext: {
      /**
       * @description True to read the text of a text file of at most 20 KiB too.
       * @default false
       */
      asText?: boolean; /** @description A file's `id` in the `files` of a message, or a link to the file, for example `F0123456789`. */
      fileId: string;
    }; /** @description A file that another action can name. */
    SlackGetFileOutput: {
      /** @description The MIME type. */contentType: string; /** @description The file's id, which another action takes for 24 hours. */
      file: string; /** @description The file's name. */
      filename: string; /** @description The size in bytes. */
      size: number; /** @description The content of a small text file, if it was asked for. */
      text?: string;
    };
    /**
     * @description Read one Slack message, of a channel or of a thread, with its reactions, files and link.
     * @example {
     *       "channel": "project-updates",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackGetMessageContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string;
      /**
       * @description True to add Slack's markup.
       * @default false
       */
      raw?: boolean; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message as output. */
    SlackGetMessageOutput: {
      /** @description The one who posted it. */author?: {
        /** @description The id of the app's bot that posted it. */botId?: string; /** @description The user id. */
        id?: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The channel, unless all messages are of the one that was asked for. */
      channel?: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time of posting. */
      createdAt?: string; /** @description The files, which `get_file` reads. */
      files: {
        /** @description The MIME type. */contentType?: string; /** @description The name. */
        filename?: string; /** @description The id, by which `get_file` reads it. */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The size in bytes. */
        size?: number;
      }[]; /** @description The address at which a person can open it. */
      link?: string; /** @description The mentions in the text. */
      mentions?: {
        /** @description The id. */id?: string; /** @description The name, if it is known. */
        name?: string;
        /**
         * @description The kind. `person`: A person or an app; `channel`: A channel; `group`: A user group; `everyone`: All members, by the name `here`, `channel` or `everyone`
         * @enum {string}
         */
        type: "person" | "channel" | "group" | "everyone";
      }[]; /** @description The text in Slack's markup, the blocks and the attachments, with `raw`. */
      raw?: {
        [key: string]: unknown;
      }; /** @description The reactions. */
      reactions: {
        /** @description The number of people. */count?: number; /** @description The name of the emoji. */
        name: string;
      }[]; /** @description The number of replies. */
      replyCount?: number; /** @description The kind of a special message, such as `channel_join`. */
      subtype?: string; /** @description The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`. */
      text?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Get the link to a Slack message, at which a person opens it.
     * @example {
     *       "channel": "project-updates",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackGetPermalinkContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message and its link. */
    SlackGetPermalinkOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The address at which a person can open it. */
      link?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Read the reactions to a Slack message with the people who added each. `slack_user_info` and `slack_list_users` name them.
     * @example {
     *       "channel": "project-updates",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackGetReactionsContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message and its reactions. */
    SlackGetReactionsOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The address at which a person can open the message. */
      link?: string; /** @description The reactions. */
      reactions: {
        /** @description The number of people. */count?: number; /** @description The name of the emoji. */
        name: string; /** @description The people. */
        people: {
          /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
          id: string; /** @description The name, if it is known. */
          name?: string;
        }[];
      }[]; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Add people to a Slack channel; they are members immediately, and Slack notifies them. The app must be a member of the channel. If someone is unknown or refused, the others are added, and the error has each person's result.
     * @example {
     *       "channel": "general",
     *       "users": [
     *         "kim@example.com"
     *       ]
     *     }
     */
    SlackInviteToChannelContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string; /** @description The people, each by e-mail address in Slack or by id. */
      users: string[];
    }; /** @description The people who are members now. */
    SlackInviteToChannelOutput: {
      /** @description The people who were members before. */alreadyMembers: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }[]; /** @description The channel. */
      channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The people who were invited. */
      invited: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }[];
    };
    /**
     * @description Make the app a member of a public Slack channel, so that it can read and write there. A member must invite it to a private one.
     * @example {
     *       "channel": "random"
     *     }
     */
    SlackJoinChannelContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string;
    }; /** @description The membership. */
    SlackJoinChannelOutput: {
      /** @description True if the app was a member before. */alreadyMember: boolean; /** @description The channel. */
      channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      };
    };
    /**
     * @description Take the app out of a Slack channel: it no longer reads or writes there, for any of its users. `slack_join_channel` lets it into a public channel again; a member must invite it to a private one.
     * @example {
     *       "channel": "project-updates"
     *     }
     */
    SlackLeaveChannelContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string;
    }; /** @description A channel of which the app is no member, as output. */
    SlackLeaveChannelOutput: {
      /** @description True if the app was no member before. */alreadyLeft: boolean; /** @description The channel. */
      channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      };
    };
    /**
     * @description List the channels of the Slack workspace: public ones, and private ones of which the person and the app are members. With a `type` also the direct conversations of the person with the app, and those of groups with both.
     * @example {
     *       "limit": 50
     *     }
     */
    SlackListChannelsContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description True to include archived channels.
       * @default false
       */
      includeArchived?: boolean;
      /**
       * @description Number of channels to return. Slack may return fewer before the end of the list.
       * @default 100
       */
      limit?: number;
      /**
       * @description Only channels the app is a member of, in which it can read and write.
       * @default false
       */
      memberOnly?: boolean;
      /**
       * @description Only conversations of this type; by default public and private channels.
       * @enum {string}
       */
      type?: "public" | "private" | "direct" | "group";
    };
    SlackListChannelsOutput: {
      channels: {
        /** @description True for an archived channel. */archived?: boolean; /** @description The time of creation. */
        createdAt?: string; /** @description The person who created it. */
        createdBy?: {
          /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
          id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The id. */
        id: string; /** @description True if the app is a member. */
        member?: boolean; /** @description The number of members. */
        memberCount?: number; /** @description The name. */
        name?: string; /** @description The person of a direct conversation. */
        person?: {
          /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
          id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The purpose. */
        purpose?: string; /** @description The topic. */
        topic?: string;
        /**
         * @description The kind.
         * @enum {string}
         */
        type?: "public" | "private" | "direct" | "group";
      }[]; /** @description The cursor of the next page; absent on the last page. */
      cursor?: string;
    };
    /**
     * @description List the files that were shared in a Slack channel, newest first. `slack_get_file` reads one by its `id`.
     * @example {
     *       "channel": "project-updates"
     *     }
     */
    SlackListFilesContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string; /** @description The `cursor` of the previous page, with the same `limit`. */
      cursor?: string; /** @description Only files uploaded at or before this time. */
      latest?: string | number;
      /**
       * @description Number of files to return.
       * @default 50
       */
      limit?: number; /** @description Only files uploaded at or after this time. */
      oldest?: string | number; /** @description Only files of these types; by default all. */
      types?: ("images" | "pdfs" | "snippets" | "zips" | "gdocs" | "spaces")[]; /** @description Only files that this person uploaded. */
      user?: string;
    };
    SlackListFilesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      files: {
        /** @description The one who uploaded it. */author?: {
          /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
          id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The MIME type. */
        contentType?: string; /** @description The time of uploading. */
        createdAt?: string; /** @description The name. */
        filename?: string; /** @description The id, by which `get_file` reads it. */
        id: string; /** @description The address at which a person can open it. */
        link?: string; /** @description The size in bytes. */
        size?: number; /** @description The title that Slack shows above it. */
        title?: string;
      }[];
    };
    /**
     * @description List the members of a Slack channel by id. `slack_user_info` and `slack_list_users` name them.
     * @example {
     *       "channel": "general"
     *     }
     */
    SlackListMembersContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string; /** @description The `cursor` of the previous page. */
      cursor?: string;
      /**
       * @description Number of members to return.
       * @default 100
       */
      limit?: number;
    };
    SlackListMembersOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      members: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }[];
    };
    /**
     * @description List what is pinned to a Slack channel: messages as `slack_get_message` returns them, with their links, and files; all of it.
     * @example {
     *       "channel": "project-updates"
     *     }
     */
    SlackListPinsContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string;
      /**
       * @description True to add Slack's markup of the messages.
       * @default false
       */
      raw?: boolean;
    };
    SlackListPinsOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      pins: {
        /** @description The file, which `get_file` reads. */file?: {
          /** @description The MIME type. */contentType?: string; /** @description The name. */
          filename?: string; /** @description The id, by which `get_file` reads it. */
          id: string; /** @description The address at which a person can open it. */
          link?: string; /** @description The size in bytes. */
          size?: number;
        }; /** @description The message. */
        message?: {
          /** @description The one who posted it. */author?: {
            /** @description The id of the app's bot that posted it. */botId?: string; /** @description The user id. */
            id?: string; /** @description The name, if it is known. */
            name?: string;
          }; /** @description The channel, unless all messages are of the one that was asked for. */
          channel?: {
            /** @description The id. */id: string; /** @description The name, if it is known. */
            name?: string;
          }; /** @description The time of posting. */
          createdAt?: string; /** @description The files, which `get_file` reads. */
          files: {
            /** @description The MIME type. */contentType?: string; /** @description The name. */
            filename?: string; /** @description The id, by which `get_file` reads it. */
            id: string; /** @description The address at which a person can open it. */
            link?: string; /** @description The size in bytes. */
            size?: number;
          }[]; /** @description The address at which a person can open it. */
          link?: string; /** @description The mentions in the text. */
          mentions?: {
            /** @description The id. */id?: string; /** @description The name, if it is known. */
            name?: string;
            /**
             * @description The kind. `person`: A person or an app; `channel`: A channel; `group`: A user group; `everyone`: All members, by the name `here`, `channel` or `everyone`
             * @enum {string}
             */
            type: "person" | "channel" | "group" | "everyone";
          }[]; /** @description The text in Slack's markup, the blocks and the attachments, with `raw`. */
          raw?: {
            [key: string]: unknown;
          }; /** @description The reactions. */
          reactions: {
            /** @description The number of people. */count?: number; /** @description The name of the emoji. */
            name: string;
          }[]; /** @description The number of replies. */
          replyCount?: number; /** @description The kind of a special message, such as `channel_join`. */
          subtype?: string; /** @description The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`. */
          text?: string; /** @description The `ts` of the first message of its thread. */
          threadTs?: string; /** @description The `ts`, the message's id in its channel. */
          ts: string;
        }; /** @description The time of pinning. */
        pinnedAt?: string; /** @description The one who pinned it. */
        pinnedBy?: {
          /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
          id: string; /** @description The name, if it is known. */
          name?: string;
        };
      }[];
    };
    /**
     * @description List the messages that the user's own agents scheduled in Slack and that are not posted yet. A page can have fewer than its limit.
     * @example {
     *       "channel": "general"
     *     }
     */
    SlackListScheduledMessagesContext: {
      /** @description Only messages for this channel, by its name, id or link, or for a person, by e-mail address or id. By default all. */channel?: string; /** @description The `cursor` of the previous page. */
      cursor?: string;
      /**
       * @description Number of messages to return.
       * @default 50
       */
      limit?: number;
    };
    SlackListScheduledMessagesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      messages: {
        /** @description The channel. */channel?: {
          /** @description The id. */id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The time at which it was scheduled. */
        createdAt?: string; /** @description The id. */
        id: string; /** @description The time of posting. */
        postAt?: string; /** @description The text: mentions by name, links as `label (address)`. */
        text?: string; /** @description The `ts` of the first message of its thread. */
        threadTs?: string;
      }[];
    };
    /**
     * @description List the people and bots of the Slack workspace, including deactivated ones. To find one by e-mail address, use `slack_user_info`.
     * @example {
     *       "limit": 50
     *     }
     */
    SlackListUsersContext: {
      /** @description The `cursor` of the previous page. */cursor?: string;
      /**
       * @description Number of users to return. Slack may return fewer before the end of the list.
       * @default 100
       */
      limit?: number;
    };
    SlackListUsersOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      users: {
        /** @description True for a bot. */bot: boolean; /** @description True for a user who was deactivated. */
        deactivated: boolean; /** @description The e-mail address. */
        email?: string; /** @description The id. */
        id: string; /** @description The name that Slack shows. */
        name?: string; /** @description The full name. */
        realName?: string; /** @description The time zone, such as `Europe/Amsterdam`. */
        timeZone?: string; /** @description The job title. */
        title?: string; /** @description The user name. */
        username?: string;
      }[];
    };
    /**
     * @description Find a person in the Slack workspace by their e-mail address. `slack_user_info` finds one by id too.
     * @example {
     *       "email": "sam@example.com"
     *     }
     */
    SlackLookupUserByEmailContext: {
      /** @description The e-mail address in the person's Slack profile. */email: string;
    }; /** @description A user as output. */
    SlackLookupUserByEmailOutput: {
      /** @description True for a bot. */bot: boolean; /** @description True for a user who was deactivated. */
      deactivated: boolean; /** @description The e-mail address. */
      email?: string; /** @description The id. */
      id: string; /** @description The name that Slack shows. */
      name?: string; /** @description The full name. */
      realName?: string; /** @description The time zone, such as `Europe/Amsterdam`. */
      timeZone?: string; /** @description The job title. */
      title?: string; /** @description The user name. */
      username?: string;
    };
    /**
     * @description Get the id of the app's direct conversation in Slack with several people, who are not notified. To write to one, use `slack_send_message`.
     * @example {
     *       "users": [
     *         "sam@example.com"
     *       ]
     *     }
     */
    SlackOpenDmContext: {
      /** @description The people, each by e-mail address in Slack or by id. To read their answers, the connected person must be one of them. */users: string[];
    }; /** @description A conversation that is open, as output. */
    SlackOpenDmOutput: {
      /** @description True if it existed before. */alreadyOpen: boolean; /** @description The conversation. */
      channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The people. */
      users: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }[];
    };
    /**
     * @description Pin a Slack message to its channel, for everyone in it. A second call changes nothing.
     * @example {
     *       "channel": "project-updates",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackPinMessageContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message that an action posted or changed, as output. */
    SlackPinMessageOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time of posting. */
      createdAt?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Remove an emoji reaction that the app added to a Slack message. Reactions of other people remain.
     * @example {
     *       "channel": "project-updates",
     *       "emoji": "eyes",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackRemoveReactionContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The emoji, or its name in Slack: `👍`, `thumbsup`. */
      emoji: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A reaction that was added or removed, as output. */
    SlackRemoveReactionOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The emoji's name. */
      emoji: string; /** @description The `ts` of the message. */
      ts: string;
    };
    /**
     * @description Give a Slack channel another name. Slack lets the app rename the channels that it created; the app and the person must be members.
     * @example {
     *       "channel": "project-updates",
     *       "name": "project-news"
     *     }
     */
    SlackRenameChannelContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string; /** @description The new name: lower case, without spaces or punctuation other than `-` and `_`. It must be unique, archived channels included. */
      name: string;
    }; /** @description A channel that an action changed, as output. */
    SlackRenameChannelOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The purpose that was set. */
      purpose?: string; /** @description The topic that was set. */
      topic?: string;
    };
    /**
     * @description Schedule a message that Slack posts to a channel or a person at a later time. `slack_cancel_scheduled_message` cancels it before.
     * @example {
     *       "channel": "general",
     *       "postAt": "2026-11-24T09:50:00Z",
     *       "text": "Stand-up in ten minutes."
     *     }
     */
    SlackScheduleMessageContext: {
      /** @description Block Kit blocks, shown instead of `text`, which remains the notification. */blocks?: {
        [key: string]: unknown;
      }[]; /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */
      channel: string; /** @description False to join no channel. By default the app joins a public channel that it is not in. */
      joinChannel?: boolean; /** @description The message as ordinary Markdown, instead of `text` and `blocks`. */
      markdown?: string;
      /**
       * @description Who is notified: `people` as `<@ann@example.com>` or `<@Ann Lee>`, or `all`: `<!here>` too.
       * @enum {string}
       */
      mentions?: "none" | "people" | "all"; /** @description The time of posting, at most 120 days ahead. */
      postAt: string | number; /** @description The message. `*bold*`, `_italic_`, `` `code` `` and bare links work. */
      text?: string; /** @description The `ts` of a message to reply to in its thread. */
      threadTs?: string;
    }; /** @description A scheduled message as output. */
    SlackScheduleMessageOutput: {
      /** @description The channel. */channel?: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time at which it was scheduled. */
      createdAt?: string; /** @description The id. */
      id: string; /** @description The time of posting. */
      postAt?: string; /** @description The text: mentions by name, links as `label (address)`. */
      text?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string;
    };
    /**
     * @description Find messages in one Slack channel by words, newest first, without replies in threads. `slack_search_workspace` reads all channels.
     * @example {
     *       "channel": "project-updates",
     *       "query": "launch"
     *     }
     */
    SlackSearchMessagesContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `cursor` of the previous search, to continue with older messages. A search that found nothing can have one too. */
      cursor?: string; /** @description Only messages before this time, for example `2026-11-23T10:00:00Z`, or before a message's `ts`. */
      latest?: string | number;
      /**
       * @description Number of messages to return.
       * @default 20
       */
      limit?: number; /** @description Only messages after this time, for example `2026-11-23T10:00:00Z`, or after a message's `ts`. */
      oldest?: string | number; /** @description The words, separated by spaces. Every word must occur, in any order; case is ignored. */
      query: string;
      /**
       * @description True to add Slack's markup.
       * @default false
       */
      raw?: boolean;
    };
    SlackSearchMessagesOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      messages: {
        /** @description The one who posted it. */author?: {
          /** @description The id of the app's bot that posted it. */botId?: string; /** @description The user id. */
          id?: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The channel, unless all messages are of the one that was asked for. */
        channel?: {
          /** @description The id. */id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The time of posting. */
        createdAt?: string; /** @description The files, which `get_file` reads. */
        files: {
          /** @description The MIME type. */contentType?: string; /** @description The name. */
          filename?: string; /** @description The id, by which `get_file` reads it. */
          id: string; /** @description The address at which a person can open it. */
          link?: string; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The mentions in the text. */
        mentions?: {
          /** @description The id. */id?: string; /** @description The name, if it is known. */
          name?: string;
          /**
           * @description The kind. `person`: A person or an app; `channel`: A channel; `group`: A user group; `everyone`: All members, by the name `here`, `channel` or `everyone`
           * @enum {string}
           */
          type: "person" | "channel" | "group" | "everyone";
        }[]; /** @description The text in Slack's markup, the blocks and the attachments, with `raw`. */
        raw?: {
          [key: string]: unknown;
        }; /** @description The reactions. */
        reactions: {
          /** @description The number of people. */count?: number; /** @description The name of the emoji. */
          name: string;
        }[]; /** @description The number of replies. */
        replyCount?: number; /** @description The kind of a special message, such as `channel_join`. */
        subtype?: string; /** @description The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`. */
        text?: string; /** @description The `ts` of the first message of its thread. */
        threadTs?: string; /** @description The `ts`, the message's id in its channel. */
        ts: string;
      }[];
    };
    /**
     * @description Find messages in the whole Slack workspace, newest first: in every conversation that the person can read. It needs the person's own permission `search:read`; `slack_search_messages` searches one channel without it.
     * @example {
     *       "limit": 10,
     *       "query": "launch in:#project-updates"
     *     }
     */
    SlackSearchWorkspaceContext: {
      /** @description The `cursor` of the previous search, to continue with older messages. */cursor?: string;
      /**
       * @description Number of messages to return.
       * @default 20
       */
      limit?: number; /** @description The words, and Slack's modifiers, such as `in:#general`, `from:@ann` or `after:2026-11-01`, separated by spaces. */
      query: string;
      /**
       * @description True to add Slack's markup.
       * @default false
       */
      raw?: boolean;
    };
    SlackSearchWorkspaceOutput: {
      /** @description The cursor of the next page; absent on the last page. */cursor?: string;
      messages: {
        /** @description The one who posted it. */author?: {
          /** @description The id of the app's bot that posted it. */botId?: string; /** @description The user id. */
          id?: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The channel, unless all messages are of the one that was asked for. */
        channel?: {
          /** @description The id. */id: string; /** @description The name, if it is known. */
          name?: string;
        }; /** @description The time of posting. */
        createdAt?: string; /** @description The files, which `get_file` reads. */
        files: {
          /** @description The MIME type. */contentType?: string; /** @description The name. */
          filename?: string; /** @description The id, by which `get_file` reads it. */
          id: string; /** @description The address at which a person can open it. */
          link?: string; /** @description The size in bytes. */
          size?: number;
        }[]; /** @description The address at which a person can open it. */
        link?: string; /** @description The mentions in the text. */
        mentions?: {
          /** @description The id. */id?: string; /** @description The name, if it is known. */
          name?: string;
          /**
           * @description The kind. `person`: A person or an app; `channel`: A channel; `group`: A user group; `everyone`: All members, by the name `here`, `channel` or `everyone`
           * @enum {string}
           */
          type: "person" | "channel" | "group" | "everyone";
        }[]; /** @description The text in Slack's markup, the blocks and the attachments, with `raw`. */
        raw?: {
          [key: string]: unknown;
        }; /** @description The reactions. */
        reactions: {
          /** @description The number of people. */count?: number; /** @description The name of the emoji. */
          name: string;
        }[]; /** @description The number of replies. */
        replyCount?: number; /** @description The kind of a special message, such as `channel_join`. */
        subtype?: string; /** @description The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`. */
        text?: string; /** @description The `ts` of the first message of its thread. */
        threadTs?: string; /** @description The `ts`, the message's id in its channel. */
        ts: string;
      }[];
    };
    /**
     * @description Post a message to a Slack channel that one member of it sees, if they use Slack at that moment, and until they load Slack again. Slack does not store it: it cannot be read, changed or deleted. What must arrive is sent with `slack_send_message`.
     * @example {
     *       "channel": "general",
     *       "text": "Only you see this.",
     *       "user": "sam@example.com"
     *     }
     */
    SlackSendEphemeralContext: {
      /** @description Block Kit blocks, shown instead of `text`. */blocks?: {
        [key: string]: unknown;
      }[]; /** @description The channel: its name, id or link, for example `general`. */
      channel: string; /** @description False to join no channel. By default the app joins a public channel that it is not in. */
      joinChannel?: boolean; /** @description The message as ordinary Markdown, instead of `text` and `blocks`. */
      markdown?: string;
      /**
       * @description Who is notified: `people` as `<@ann@example.com>` or `<@Ann Lee>`, or `all`: `<!here>` too.
       * @enum {string}
       */
      mentions?: "none" | "people" | "all"; /** @description The message. `*bold*`, `_italic_`, `` `code` `` and bare links work. */
      text?: string; /** @description The `ts` of the first message of a thread with replies, to show it there. */
      threadTs?: string; /** @description The person who sees it, a member of the channel. */
      user: string;
    }; /** @description A message that one person saw, as output. */
    SlackSendEphemeralOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The person who sees it. */
      person: {
        /** @description The e-mail address, if it is known. */email?: string; /** @description The id. */
        id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The `ts` of the first message of its thread. */
      threadTs?: string;
    };
    /**
     * @description Post a message to a Slack channel, as a reply in a thread, or to a person. The app joins a public channel that it is not in.
     * @example {
     *       "channel": "general",
     *       "text": "The build is green."
     *     }
     */
    SlackSendMessageContext: {
      /** @description Block Kit blocks, shown instead of `text`, which remains the notification. */blocks?: {
        [key: string]: unknown;
      }[]; /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */
      channel: string; /** @description False to join no channel. */
      joinChannel?: boolean; /** @description The message as ordinary Markdown, instead of `text` and `blocks`. */
      markdown?: string;
      /**
       * @description Who is notified: `people` as `<@ann@example.com>` or `<@Ann Lee>`, or `all`: `<!here>` too.
       * @enum {string}
       */
      mentions?: "none" | "people" | "all"; /** @description True to show a reply in the channel too. Requires `threadTs`. */
      replyBroadcast?: boolean; /** @description The message. `*bold*`, `_italic_`, `` `code` `` and bare links work. */
      text?: string; /** @description The `ts` of a message to reply to in its thread. */
      threadTs?: string; /** @description False to hide previews of links to pages. */
      unfurlLinks?: boolean; /** @description False to hide previews of links to media. */
      unfurlMedia?: boolean;
    }; /** @description A message that an action posted or changed, as output. */
    SlackSendMessageOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time of posting. */
      createdAt?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Set the purpose of a Slack channel, its description, in place of the old one. The app and the person must be members.
     * @example {
     *       "channel": "project-updates",
     *       "purpose": "What moved and what is stuck"
     *     }
     */
    SlackSetPurposeContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string;
      /**
       * @description True to remove the purpose.
       * @default false
       */
      clear?: boolean; /** @description The purpose, as plain text. */
      purpose?: string;
    }; /** @description A channel that an action changed, as output. */
    SlackSetPurposeOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The purpose that was set. */
      purpose?: string; /** @description The topic that was set. */
      topic?: string;
    };
    /**
     * @description Set the topic of a Slack channel, the line above its messages, in place of the old one. The app and the person must be members.
     * @example {
     *       "channel": "project-updates",
     *       "topic": "Launch on the 3rd"
     *     }
     */
    SlackSetTopicContext: {
      /** @description The channel: its name, id or link, for example `general`. */channel: string;
      /**
       * @description True to remove the topic.
       * @default false
       */
      clear?: boolean; /** @description The topic, as plain text. */
      topic?: string;
    }; /** @description A channel that an action changed, as output. */
    SlackSetTopicOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The purpose that was set. */
      purpose?: string; /** @description The topic that was set. */
      topic?: string;
    };
    /**
     * @description Unpin a Slack message from its channel, for everyone in it. The message remains. A second call changes nothing.
     * @example {
     *       "channel": "project-updates",
     *       "ts": "1735693200.000100"
     *     }
     */
    SlackUnpinMessageContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message that an action posted or changed, as output. */
    SlackUnpinMessageOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time of posting. */
      createdAt?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Edit a Slack message that the user's own agents posted with `slack_send_message`. The new content replaces all of the old.
     * @example {
     *       "channel": "project-updates",
     *       "text": "The build is green again.",
     *       "ts": "1735689600.000100"
     *     }
     */
    SlackUpdateMessageContext: {
      /** @description The new Block Kit blocks, shown instead of `text`. */blocks?: {
        [key: string]: unknown;
      }[]; /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */
      channel: string; /** @description The new message as ordinary Markdown, instead of `text` and `blocks`. */
      markdown?: string;
      /**
       * @description Who is notified: `people` as `<@ann@example.com>` or `<@Ann Lee>`, or `all`: `<!here>` too.
       * @enum {string}
       */
      mentions?: "none" | "people" | "all"; /** @description The new text. `*bold*`, `_italic_`, `` `code` `` and bare links work. */
      text?: string; /** @description The `ts` of the message, for example `1512085950.000216`, or a link to it. */
      ts: string;
    }; /** @description A message that an action posted or changed, as output. */
    SlackUpdateMessageOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The time of posting. */
      createdAt?: string; /** @description The `ts` of the first message of its thread. */
      threadTs?: string; /** @description The `ts`, the message's id in its channel. */
      ts: string;
    };
    /**
     * @description Upload a file to Slack and share it in a channel or with a person, with an optional message.
     * @example {
     *       "channel": "general",
     *       "file": {
     *         "filename": "numbers.csv",
     *         "text": "month,visits\nOctober,1204\n"
     *       },
     *       "initialComment": "October's numbers."
     *     }
     */
    SlackUploadFileContext: {
      /** @description The channel: its name, id or link, such as `general`; or a person's e-mail address or id. */channel: string; /** @description The file, at most 100 MiB. */
      file: {
        /** @description A small file in base64. */content?: string;
        contentType?: string; /** @description The id of a stored file. */
        file?: string;
        filename?: string;
        size?: number;
        text?: string;
      }; /** @description The text of the message that shares the file. */
      initialComment?: string; /** @description False to join no channel. By default the app joins a public channel that it is not in. */
      joinChannel?: boolean;
      /**
       * @description Who is notified: `people` as `<@ann@example.com>` or `<@Ann Lee>`, or `all`: `<!here>` too.
       * @enum {string}
       */
      mentions?: "none" | "people" | "all"; /** @description The `ts` of a message to reply to with the file, in its thread. */
      threadTs?: string; /** @description The title that Slack shows above the file; by default its name. */
      title?: string;
    }; /** @description A file that was shared, as output. */
    SlackUploadFileOutput: {
      /** @description The channel. */channel: {
        /** @description The id. */id: string; /** @description The name, if it is known. */
        name?: string;
      }; /** @description The name. */
      filename: string; /** @description The id. */
      id: string; /** @description The address at which a person can open it. */
      link?: string; /** @description The `ts` of the first message of the thread. */
      threadTs?: string; /** @description The title. */
      title?: string;
    };
    /**
     * @description Look up one person in the Slack workspace: name, e-mail address, title and time zone.
     * @example {
     *       "user": "U0KIM000001"
     *     }
     */
    SlackUserInfoContext: {
      /** @description A person: the e-mail address in Slack, the id or the name, for example `sam@example.com` or `@Sam Lee`. */user: string;
    }; /** @description A user as output. */
    SlackUserInfoOutput: {
      /** @description True for a bot. */bot: boolean; /** @description True for a user who was deactivated. */
      deactivated: boolean; /** @description The e-mail address. */
      email?: string; /** @description The id. */
      id: string; /** @description The name that Slack shows. */
      name?: string; /** @description The full name. */
      realName?: string; /** @description The time zone, such as `Europe/Amsterdam`. */
      timeZone?: string; /** @description The job title. */
      title?: string; /** @description The user name. */
      username?: string;
    }; /** @description The numbers of errors. */
    Stats: {
      /** @description The numbers of errors by agent, of the agents of this page. */byAgent: {
        [key: string]: number;
      }; /** @description The numbers of errors by code. */
      byCode: {
        [key: string]: number;
      }; /** @description The numbers of errors by tool. */
      byTool: {
        [key: string]: number;
      }; /** @description The start of the next page of agents; absent at the end. The other numbers are of all agents on each page. */
      cursor?: string; /** @description The days that were counted. */
      period: components["schemas"]["StatsPeriod"];
    }; /** @description A range of UTC days, first and last day included. */
    StatsPeriod: {
      /**
       * Format: int32
       * @description The number of days.
       */
      days: number;
      /**
       * Format: date
       * @description The last day.
       */
      end: string;
      /**
       * Format: date
       * @description The first day.
       */
      start: string;
    }; /** @description A success without further data. */
    Success: {
      /** @description Always true. */success: boolean;
    }; /** @description A task: a journaled action, immediate or scheduled. */
    Task: {
      /** @description The id of the account that the task is bound to. */account: components["schemas"]["AccountId"]; /** @description The action. */
      action: string; /** @description The agent that requested the action. */
      agentId: string | null;
      /**
       * Format: int32
       * @description The number of consumed attempts of the current occurrence.
       */
      attempts: number; /** @description The time of creation. */
      createdAt: components["schemas"]["Instant"]; /** @description The caller who requested the task. */
      createdBy: components["schemas"]["TaskCreator"];
      executeAt: null | components["schemas"]["Instant"]; /** @description The id of the created or changed object at the provider. */
      externalId: string | null; /** @description The transitions of the task, oldest first. */
      history: components["schemas"]["TaskHistoryEntry"][];
      lastError: null | components["schemas"]["LastError"];
      nextAttemptAt: null | components["schemas"]["Instant"];
      /**
       * Format: int32
       * @description The number of the current occurrence, from 1.
       */
      occurrence: number; /** @description The input of the action. `null` in lists if it is large; a request with `taskId` returns it. */
      payload: {
        [key: string]: unknown;
      } | null;
      recurrence: null | components["schemas"]["Recurrence"];
      result: null | components["schemas"]["TaskResult"]; /** @description The context key under which the id of the created object is saved. */
      saveAs?: string; /** @description The state of the task. */
      status: components["schemas"]["TaskStatus"]; /** @description The id of the task. */
      taskId: string | null; /** @description The tool. */
      tool: string; /** @description The time of the last change. */
      updatedAt: components["schemas"]["Instant"];
    }; /** @description The caller who requested a task. */
    TaskCreator: {
      /** @description The client id of a service. */id?: string; /** @description The kind of the caller. */
      kind: components["schemas"]["CreatorKind"];
    }; /** @description One transition of a task. */
    TaskHistoryEntry: {
      /** @description The time of the transition. */at: components["schemas"]["Instant"];
      /**
       * Format: int32
       * @description The number of the attempt; 0 for a manual retry.
       */
      attempt: number; /** @description The error code of a failed attempt. */
      code: string | null; /** @description The id of the object at the provider. */
      externalId: string | null;
      /**
       * Format: int32
       * @description The number of the occurrence.
       */
      occurrence: number; /** @description The state after the transition. */
      status: components["schemas"]["TaskStatus"];
    }; /** @description The stored result of a completed task. */
    TaskResult: {
      /** @description The data that the action read or created; `null` if it was truncated. */data: {
        [key: string]: unknown;
      } | null; /** @description A link to the created object. */
      link: string | null; /** @description One sentence for a person. */
      message: string; /** @description True if the data was dropped, because the result is larger than 64 KiB. */
      truncated?: boolean;
    };
    /**
     * @description The state of a task.
     * @enum {string}
     */
    TaskStatus: "scheduled" | "processing" | "retrying" | "completed" | "failed" | "cancelled" | "unknown" | "needs_attention" | "awaiting_connection"; /** @description A page of tasks, or the task with the requested id. */
    Tasks: {
      /** @description The cursor of the next page; `null` on the last page. */cursor: string | null; /** @description The tasks of this page. */
      tasks: components["schemas"]["Task"][];
    } | {
      /**
       * Format: int64
       * @description With `wait`: the milliseconds after which another request can see a change. Absent if the task has ended or needs a
       *     person.
       */
      retryAfterMs?: number; /** @description The task with the requested id. */
      task: components["schemas"]["Task"];
    };
    /**
     * @description The rank of an action in the lists for models.
     * @enum {string}
     */
    Tier: "core" | "more";
    /**
     * @description The token of an action's calls.
     * @enum {string}
     */
    TokenKind: "app" | "user"; /** @description A tool with its actions and the state of the caller's connections. Extends `PluginMetadata` of the original description. */
    Tool: {
      /** @description The actions of the tool. */actions: components["schemas"]["Action"][]; /** @description The author of the adapter. */
      author: string; /** @description Page where a person connects an account of the tool; absent where the deployment has no such page. */
      connectUrl?: string; /** @description The state of the caller's connections, an account each; empty if none was ever made. */
      connections: components["schemas"]["AuthStatus"][]; /** @description The description of the tool. */
      description: string; /** @description The display name. */
      name: string; /** @description The OAuth scopes that the consent requests. */
      scopes: string[]; /** @description The name of the tool in requests. */
      tool: components["schemas"]["ToolName"]; /** @description The version of the engine. */
      version: string;
    }; /** @description An action as a tool definition for a model; of Gemini all actions in one. */
    ToolDefinition: {
      /** @description The function. */function: components["schemas"]["OpenAiFunction"]; /** @description The constant `function`. */
      type: string;
    } | {
      /** @description The description of the action. */description: string; /** @description The name, `<tool>_<action>`. */
      name: string; /** @description The JSON Schema of the arguments. */
      parameters: {
        [key: string]: unknown;
      }; /** @description True if the schema is in the strict subset. The Responses API takes a missing value for true. */
      strict: boolean; /** @description The constant `function`. */
      type: string;
    } | {
      /** @description The description of the action. */description: string; /** @description The JSON Schema of the arguments. */
      input_schema: {
        [key: string]: unknown;
      }; /** @description The name, `<tool>_<action>`. */
      name: string;
    } | {
      /** @description The functions. */functionDeclarations: components["schemas"]["GeminiFunction"][];
    } | {
      /** @description The hints on what a call does. */annotations: components["schemas"]["Hints"]; /** @description The description of the action. */
      description: string; /** @description The JSON Schema of the arguments. */
      inputSchema: {
        [key: string]: unknown;
      }; /** @description The name, `<tool>_<action>`. */
      name: string; /** @description The JSON Schema of the structured result, if the query has `outputSchemas=true`. */
      outputSchema?: {
        [key: string]: unknown;
      }; /** @description The title for people. */
      title: string;
    }; /** @description Name of a tool with an adapter, such as `gmail`. Only the list of tools creates it. */
    ToolName: string; /** @description The tools, or their actions as tool definitions of a model provider. */
    Tools: {
      /** @description The tools. */tools: components["schemas"]["Tool"][];
    } | {
      /** @description The tool definitions. */tools: components["schemas"]["ToolDefinition"][];
    }; /** @description The number of errors of a day. */
    Trend: {
      /**
       * Format: int64
       * @description The number of errors.
       */
      count: number;
      /**
       * Format: date
       * @description The day, UTC.
       */
      date: string;
    }; /** @description The number of errors of each day, and the most frequent codes. */
    Trends: {
      /** @description The numbers of errors of the most frequent codes. */frequentErrors: {
        [key: string]: number;
      }; /** @description The days that were counted. */
      period: components["schemas"]["TrendsPeriod"]; /** @description The number of errors of each day. */
      trends: components["schemas"]["Trend"][];
    }; /** @description A range of UTC days, first and last day included. */
    TrendsPeriod: {
      /**
       * Format: int32
       * @description The number of days.
       */
      days: number;
      /**
       * Format: date
       * @description The last day.
       */
      end: string;
      /**
       * Format: date
       * @description The first day.
       */
      start: string; /** @description The tool, or `all`. */
      tool: string;
    }; /** @description An action that a connection lacks a scope for. */
    UnavailableAction: {
      /** @description The action's name. */action: string;
      /**
       * @description The missing scope, or several of which one suffices, separated by `or`; with `for a user token` where the connection has no
       *     token of the person's own.
       */
      needs: string;
    }; /** @description A reason why an accepted task would wait for a person at its time. */
    Warning: {
      /** @description The stable code of the error that the task would have now. */code: string; /** @description Page where a person connects the account again, if the deployment has such a page. */
      connectUrl?: string; /** @description One sentence for a person. */
      message: string;
    };
  };
  responses: {
    /** @description Invalid request; the message gives the reason */400: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    }; /** @description Missing or invalid token */
    401: {
      headers: {
        "WWW-Authenticate"?: string;
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    }; /** @description The caller may not act for this user */
    403: {
      headers: {
        "WWW-Authenticate"?: string;
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    }; /** @description The body or the context exceeds 2 MiB */
    413: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    }; /** @description A limit is reached, which the message names; retry after `Retry-After` seconds */
    429: {
      headers: {
        "Retry-After"?: number;
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    }; /** @description Internal error; the log has its details under the request id */
    500: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    }; /** @description The store or a secret is unavailable; retry after `Retry-After` seconds */
    503: {
      headers: {
        "Retry-After"?: number;
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Refusal"];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
type Account = components['schemas']['Account'];
type AccountChoice = components['schemas']['AccountChoice'];
type AccountId = components['schemas']['AccountId'];
type AccountNamed = components['schemas']['AccountNamed'];
type AccountNamesRequest = components['schemas']['AccountNamesRequest'];
type Action = components['schemas']['Action'];
type Actions = components['schemas']['Actions'];
type Agent = components['schemas']['Agent'];
type AgentId = components['schemas']['AgentId'];
type AgentStop = components['schemas']['AgentStop'];
type AgentStopped = components['schemas']['AgentStopped'];
type AgentTaskCounts = components['schemas']['AgentTaskCounts'];
type Agents = components['schemas']['Agents'];
type AsanaAddCommentContext = components['schemas']['AsanaAddCommentContext'];
type AsanaAddCommentOutput = components['schemas']['AsanaAddCommentOutput'];
type AsanaAddDependenciesContext = components['schemas']['AsanaAddDependenciesContext'];
type AsanaAddDependenciesOutput = components['schemas']['AsanaAddDependenciesOutput'];
type AsanaAddFollowersContext = components['schemas']['AsanaAddFollowersContext'];
type AsanaAddFollowersOutput = components['schemas']['AsanaAddFollowersOutput'];
type AsanaAddTagToTaskContext = components['schemas']['AsanaAddTagToTaskContext'];
type AsanaAddTagToTaskOutput = components['schemas']['AsanaAddTagToTaskOutput'];
type AsanaAddTaskToProjectContext = components['schemas']['AsanaAddTaskToProjectContext'];
type AsanaAddTaskToProjectOutput = components['schemas']['AsanaAddTaskToProjectOutput'];
type AsanaAddTaskToSectionContext = components['schemas']['AsanaAddTaskToSectionContext'];
type AsanaAddTaskToSectionOutput = components['schemas']['AsanaAddTaskToSectionOutput'];
type AsanaCompleteTaskContext = components['schemas']['AsanaCompleteTaskContext'];
type AsanaCompleteTaskOutput = components['schemas']['AsanaCompleteTaskOutput'];
type AsanaCreateProjectContext = components['schemas']['AsanaCreateProjectContext'];
type AsanaCreateProjectOutput = components['schemas']['AsanaCreateProjectOutput'];
type AsanaCreateSectionContext = components['schemas']['AsanaCreateSectionContext'];
type AsanaCreateSectionOutput = components['schemas']['AsanaCreateSectionOutput'];
type AsanaCreateSubtaskContext = components['schemas']['AsanaCreateSubtaskContext'];
type AsanaCreateSubtaskOutput = components['schemas']['AsanaCreateSubtaskOutput'];
type AsanaCreateTagContext = components['schemas']['AsanaCreateTagContext'];
type AsanaCreateTagOutput = components['schemas']['AsanaCreateTagOutput'];
type AsanaCreateTaskContext = components['schemas']['AsanaCreateTaskContext'];
type AsanaCreateTaskOutput = components['schemas']['AsanaCreateTaskOutput'];
type AsanaDeleteProjectContext = components['schemas']['AsanaDeleteProjectContext'];
type AsanaDeleteProjectOutput = components['schemas']['AsanaDeleteProjectOutput'];
type AsanaDeleteTaskContext = components['schemas']['AsanaDeleteTaskContext'];
type AsanaDeleteTaskOutput = components['schemas']['AsanaDeleteTaskOutput'];
type AsanaDuplicateTaskContext = components['schemas']['AsanaDuplicateTaskContext'];
type AsanaDuplicateTaskOutput = components['schemas']['AsanaDuplicateTaskOutput'];
type AsanaGetAttachmentContext = components['schemas']['AsanaGetAttachmentContext'];
type AsanaGetAttachmentOutput = components['schemas']['AsanaGetAttachmentOutput'];
type AsanaGetMeContext = components['schemas']['AsanaGetMeContext'];
type AsanaGetMeOutput = components['schemas']['AsanaGetMeOutput'];
type AsanaGetProjectContext = components['schemas']['AsanaGetProjectContext'];
type AsanaGetProjectOutput = components['schemas']['AsanaGetProjectOutput'];
type AsanaGetTaskContext = components['schemas']['AsanaGetTaskContext'];
type AsanaGetTaskOutput = components['schemas']['AsanaGetTaskOutput'];
type AsanaGetUserContext = components['schemas']['AsanaGetUserContext'];
type AsanaGetUserOutput = components['schemas']['AsanaGetUserOutput'];
type AsanaListAttachmentsContext = components['schemas']['AsanaListAttachmentsContext'];
type AsanaListAttachmentsOutput = components['schemas']['AsanaListAttachmentsOutput'];
type AsanaListCommentsContext = components['schemas']['AsanaListCommentsContext'];
type AsanaListCommentsOutput = components['schemas']['AsanaListCommentsOutput'];
type AsanaListCustomFieldsContext = components['schemas']['AsanaListCustomFieldsContext'];
type AsanaListCustomFieldsOutput = components['schemas']['AsanaListCustomFieldsOutput'];
type AsanaListMyTasksContext = components['schemas']['AsanaListMyTasksContext'];
type AsanaListMyTasksOutput = components['schemas']['AsanaListMyTasksOutput'];
type AsanaListProjectsContext = components['schemas']['AsanaListProjectsContext'];
type AsanaListProjectsOutput = components['schemas']['AsanaListProjectsOutput'];
type AsanaListSectionsContext = components['schemas']['AsanaListSectionsContext'];
type AsanaListSectionsOutput = components['schemas']['AsanaListSectionsOutput'];
type AsanaListSubtasksContext = components['schemas']['AsanaListSubtasksContext'];
type AsanaListSubtasksOutput = components['schemas']['AsanaListSubtasksOutput'];
type AsanaListTagsContext = components['schemas']['AsanaListTagsContext'];
type AsanaListTagsOutput = components['schemas']['AsanaListTagsOutput'];
type AsanaListTasksContext = components['schemas']['AsanaListTasksContext'];
type AsanaListTasksOutput = components['schemas']['AsanaListTasksOutput'];
type AsanaListTeamsContext = components['schemas']['AsanaListTeamsContext'];
type AsanaListTeamsOutput = components['schemas']['AsanaListTeamsOutput'];
type AsanaListUsersContext = components['schemas']['AsanaListUsersContext'];
type AsanaListUsersOutput = components['schemas']['AsanaListUsersOutput'];
type AsanaListWorkspacesContext = components['schemas']['AsanaListWorkspacesContext'];
type AsanaListWorkspacesOutput = components['schemas']['AsanaListWorkspacesOutput'];
type AsanaRemoveDependenciesContext = components['schemas']['AsanaRemoveDependenciesContext'];
type AsanaRemoveDependenciesOutput = components['schemas']['AsanaRemoveDependenciesOutput'];
type AsanaRemoveTagFromTaskContext = components['schemas']['AsanaRemoveTagFromTaskContext'];
type AsanaRemoveTagFromTaskOutput = components['schemas']['AsanaRemoveTagFromTaskOutput'];
type AsanaRemoveTaskFromProjectContext = components['schemas']['AsanaRemoveTaskFromProjectContext'];
type AsanaRemoveTaskFromProjectOutput = components['schemas']['AsanaRemoveTaskFromProjectOutput'];
type AsanaSearchContext = components['schemas']['AsanaSearchContext'];
type AsanaSearchOutput = components['schemas']['AsanaSearchOutput'];
type AsanaSearchTasksContext = components['schemas']['AsanaSearchTasksContext'];
type AsanaSearchTasksOutput = components['schemas']['AsanaSearchTasksOutput'];
type AsanaSetParentContext = components['schemas']['AsanaSetParentContext'];
type AsanaSetParentOutput = components['schemas']['AsanaSetParentOutput'];
type AsanaUpdateCommentContext = components['schemas']['AsanaUpdateCommentContext'];
type AsanaUpdateCommentOutput = components['schemas']['AsanaUpdateCommentOutput'];
type AsanaUpdateProjectContext = components['schemas']['AsanaUpdateProjectContext'];
type AsanaUpdateProjectOutput = components['schemas']['AsanaUpdateProjectOutput'];
type AsanaUpdateTaskContext = components['schemas']['AsanaUpdateTaskContext'];
type AsanaUpdateTaskOutput = components['schemas']['AsanaUpdateTaskOutput'];
type AsanaUploadAttachmentContext = components['schemas']['AsanaUploadAttachmentContext'];
type AsanaUploadAttachmentOutput = components['schemas']['AsanaUploadAttachmentOutput'];
type AuthStatus = components['schemas']['AuthStatus'];
type Authorize = components['schemas']['Authorize'];
type BreakerState = components['schemas']['BreakerState'];
type Bulk = components['schemas']['Bulk'];
type BulkItem = components['schemas']['BulkItem'];
type CallAnswer = components['schemas']['CallAnswer'];
type CallRequest = components['schemas']['CallRequest'];
type CancelRequest = components['schemas']['CancelRequest'];
type CircuitBreaker = components['schemas']['CircuitBreaker'];
type CircuitBreakerClose = components['schemas']['CircuitBreakerClose'];
type CircuitBreakers = components['schemas']['CircuitBreakers'];
type ConnectRequest = components['schemas']['ConnectRequest'];
type Connected = components['schemas']['Connected'];
type ConnectionStatus = components['schemas']['ConnectionStatus'];
type CreatorKind = components['schemas']['CreatorKind'];
type Delegation = components['schemas']['Delegation'];
type DelegationDelete = components['schemas']['DelegationDelete'];
type DelegationGranted = components['schemas']['DelegationGranted'];
type DelegationRequest = components['schemas']['DelegationRequest'];
type Delegations = components['schemas']['Delegations'];
type DisconnectRequest = components['schemas']['DisconnectRequest'];
type Disconnected = components['schemas']['Disconnected'];
type Effect = components['schemas']['Effect'];
type ErrorAction = components['schemas']['ErrorAction'];
type ErrorCode = components['schemas']['ErrorCode'];
type ErrorDetail = components['schemas']['ErrorDetail'];
type Errors = components['schemas']['Errors'];
type ErrorsAction = components['schemas']['ErrorsAction'];
type ErrorsBulk = components['schemas']['ErrorsBulk'];
type ErrorsBulkRequest = components['schemas']['ErrorsBulkRequest'];
type FallbackDelete = components['schemas']['FallbackDelete'];
type FallbackRequest = components['schemas']['FallbackRequest'];
type FallbackRow = components['schemas']['FallbackRow'];
type FallbackSet = components['schemas']['FallbackSet'];
type FallbackTexts = components['schemas']['FallbackTexts'];
type Fallbacks = components['schemas']['Fallbacks'];
type FieldFault = components['schemas']['FieldFault'];
type File = components['schemas']['File'];
type FileDelete = components['schemas']['FileDelete'];
type FileDeleted = components['schemas']['FileDeleted'];
type FileLink = components['schemas']['FileLink'];
type FileRegistered = components['schemas']['FileRegistered'];
type FileRequest = components['schemas']['FileRequest'];
type Files = components['schemas']['Files'];
type GeminiFunction = components['schemas']['GeminiFunction'];
type GmailBatchModifyContext = components['schemas']['GmailBatchModifyContext'];
type GmailBatchModifyOutput = components['schemas']['GmailBatchModifyOutput'];
type GmailCreateDraftContext = components['schemas']['GmailCreateDraftContext'];
type GmailCreateDraftOutput = components['schemas']['GmailCreateDraftOutput'];
type GmailCreateLabelContext = components['schemas']['GmailCreateLabelContext'];
type GmailCreateLabelOutput = components['schemas']['GmailCreateLabelOutput'];
type GmailDeleteDraftContext = components['schemas']['GmailDeleteDraftContext'];
type GmailDeleteDraftOutput = components['schemas']['GmailDeleteDraftOutput'];
type GmailDeleteLabelContext = components['schemas']['GmailDeleteLabelContext'];
type GmailDeleteLabelOutput = components['schemas']['GmailDeleteLabelOutput'];
type GmailFetchEmailsContext = components['schemas']['GmailFetchEmailsContext'];
type GmailFetchEmailsOutput = components['schemas']['GmailFetchEmailsOutput'];
type GmailForwardContext = components['schemas']['GmailForwardContext'];
type GmailForwardOutput = components['schemas']['GmailForwardOutput'];
type GmailGetAttachmentContext = components['schemas']['GmailGetAttachmentContext'];
type GmailGetAttachmentOutput = components['schemas']['GmailGetAttachmentOutput'];
type GmailGetDraftContext = components['schemas']['GmailGetDraftContext'];
type GmailGetDraftOutput = components['schemas']['GmailGetDraftOutput'];
type GmailGetEmailContext = components['schemas']['GmailGetEmailContext'];
type GmailGetEmailOutput = components['schemas']['GmailGetEmailOutput'];
type GmailGetFilterContext = components['schemas']['GmailGetFilterContext'];
type GmailGetFilterOutput = components['schemas']['GmailGetFilterOutput'];
type GmailGetLabelContext = components['schemas']['GmailGetLabelContext'];
type GmailGetLabelOutput = components['schemas']['GmailGetLabelOutput'];
type GmailGetProfileContext = components['schemas']['GmailGetProfileContext'];
type GmailGetProfileOutput = components['schemas']['GmailGetProfileOutput'];
type GmailGetThreadContext = components['schemas']['GmailGetThreadContext'];
type GmailGetThreadOutput = components['schemas']['GmailGetThreadOutput'];
type GmailGetVacationContext = components['schemas']['GmailGetVacationContext'];
type GmailGetVacationOutput = components['schemas']['GmailGetVacationOutput'];
type GmailListDraftsContext = components['schemas']['GmailListDraftsContext'];
type GmailListDraftsOutput = components['schemas']['GmailListDraftsOutput'];
type GmailListFiltersContext = components['schemas']['GmailListFiltersContext'];
type GmailListFiltersOutput = components['schemas']['GmailListFiltersOutput'];
type GmailListLabelsContext = components['schemas']['GmailListLabelsContext'];
type GmailListLabelsOutput = components['schemas']['GmailListLabelsOutput'];
type GmailListSendAsContext = components['schemas']['GmailListSendAsContext'];
type GmailListSendAsOutput = components['schemas']['GmailListSendAsOutput'];
type GmailListThreadsContext = components['schemas']['GmailListThreadsContext'];
type GmailListThreadsOutput = components['schemas']['GmailListThreadsOutput'];
type GmailModifyLabelsContext = components['schemas']['GmailModifyLabelsContext'];
type GmailModifyLabelsOutput = components['schemas']['GmailModifyLabelsOutput'];
type GmailModifyThreadContext = components['schemas']['GmailModifyThreadContext'];
type GmailModifyThreadOutput = components['schemas']['GmailModifyThreadOutput'];
type GmailReplyAllContext = components['schemas']['GmailReplyAllContext'];
type GmailReplyAllOutput = components['schemas']['GmailReplyAllOutput'];
type GmailReplyContext = components['schemas']['GmailReplyContext'];
type GmailReplyOutput = components['schemas']['GmailReplyOutput'];
type GmailSendDraftContext = components['schemas']['GmailSendDraftContext'];
type GmailSendDraftOutput = components['schemas']['GmailSendDraftOutput'];
type GmailSendEmailContext = components['schemas']['GmailSendEmailContext'];
type GmailSendEmailOutput = components['schemas']['GmailSendEmailOutput'];
type GmailTrashEmailContext = components['schemas']['GmailTrashEmailContext'];
type GmailTrashEmailOutput = components['schemas']['GmailTrashEmailOutput'];
type GmailTrashThreadContext = components['schemas']['GmailTrashThreadContext'];
type GmailTrashThreadOutput = components['schemas']['GmailTrashThreadOutput'];
type GmailUntrashEmailContext = components['schemas']['GmailUntrashEmailContext'];
type GmailUntrashEmailOutput = components['schemas']['GmailUntrashEmailOutput'];
type GmailUntrashThreadContext = components['schemas']['GmailUntrashThreadContext'];
type GmailUntrashThreadOutput = components['schemas']['GmailUntrashThreadOutput'];
type GmailUpdateDraftContext = components['schemas']['GmailUpdateDraftContext'];
type GmailUpdateDraftOutput = components['schemas']['GmailUpdateDraftOutput'];
type GmailUpdateLabelContext = components['schemas']['GmailUpdateLabelContext'];
type GmailUpdateLabelOutput = components['schemas']['GmailUpdateLabelOutput'];
type Hints = components['schemas']['Hints'];
type Instant = components['schemas']['Instant'];
type Integration = components['schemas']['Integration'];
type Integrations = components['schemas']['Integrations'];
type LastError = components['schemas']['LastError'];
type LoggedError = components['schemas']['LoggedError'];
type Lookup = components['schemas']['Lookup'];
type Mapping = components['schemas']['Mapping'];
type MappingCreated = components['schemas']['MappingCreated'];
type MappingDelete = components['schemas']['MappingDelete'];
type MappingKeys = components['schemas']['MappingKeys'];
type MappingRequest = components['schemas']['MappingRequest'];
type MappingUpdateRequest = components['schemas']['MappingUpdateRequest'];
type Mappings = components['schemas']['Mappings'];
type MappingsDeleteRequest = components['schemas']['MappingsDeleteRequest'];
type MappingsUpsertRequest = components['schemas']['MappingsUpsertRequest'];
type Misfire = components['schemas']['Misfire'];
type NotionAddCommentContext = components['schemas']['NotionAddCommentContext'];
type NotionAddCommentOutput = components['schemas']['NotionAddCommentOutput'];
type NotionAppendContentContext = components['schemas']['NotionAppendContentContext'];
type NotionAppendContentOutput = components['schemas']['NotionAppendContentOutput'];
type NotionArchivePageContext = components['schemas']['NotionArchivePageContext'];
type NotionArchivePageOutput = components['schemas']['NotionArchivePageOutput'];
type NotionCreateDatabaseContext = components['schemas']['NotionCreateDatabaseContext'];
type NotionCreateDatabaseOutput = components['schemas']['NotionCreateDatabaseOutput'];
type NotionCreatePageContext = components['schemas']['NotionCreatePageContext'];
type NotionCreatePageOutput = components['schemas']['NotionCreatePageOutput'];
type NotionDeleteBlockContext = components['schemas']['NotionDeleteBlockContext'];
type NotionDeleteBlockOutput = components['schemas']['NotionDeleteBlockOutput'];
type NotionGetBlockContext = components['schemas']['NotionGetBlockContext'];
type NotionGetBlockOutput = components['schemas']['NotionGetBlockOutput'];
type NotionGetDatabaseContext = components['schemas']['NotionGetDatabaseContext'];
type NotionGetDatabaseOutput = components['schemas']['NotionGetDatabaseOutput'];
type NotionGetFileContext = components['schemas']['NotionGetFileContext'];
type NotionGetFileOutput = components['schemas']['NotionGetFileOutput'];
type NotionGetMeContext = components['schemas']['NotionGetMeContext'];
type NotionGetMeOutput = components['schemas']['NotionGetMeOutput'];
type NotionGetPageContentContext = components['schemas']['NotionGetPageContentContext'];
type NotionGetPageContentOutput = components['schemas']['NotionGetPageContentOutput'];
type NotionGetPageContext = components['schemas']['NotionGetPageContext'];
type NotionGetPageOutput = components['schemas']['NotionGetPageOutput'];
type NotionGetPagePropertyContext = components['schemas']['NotionGetPagePropertyContext'];
type NotionGetPagePropertyOutput = components['schemas']['NotionGetPagePropertyOutput'];
type NotionGetUserContext = components['schemas']['NotionGetUserContext'];
type NotionGetUserOutput = components['schemas']['NotionGetUserOutput'];
type NotionListBlocksContext = components['schemas']['NotionListBlocksContext'];
type NotionListBlocksOutput = components['schemas']['NotionListBlocksOutput'];
type NotionListCommentsContext = components['schemas']['NotionListCommentsContext'];
type NotionListCommentsOutput = components['schemas']['NotionListCommentsOutput'];
type NotionListDatabasesContext = components['schemas']['NotionListDatabasesContext'];
type NotionListDatabasesOutput = components['schemas']['NotionListDatabasesOutput'];
type NotionListFilesContext = components['schemas']['NotionListFilesContext'];
type NotionListFilesOutput = components['schemas']['NotionListFilesOutput'];
type NotionListUsersContext = components['schemas']['NotionListUsersContext'];
type NotionListUsersOutput = components['schemas']['NotionListUsersOutput'];
type NotionMovePageContext = components['schemas']['NotionMovePageContext'];
type NotionMovePageOutput = components['schemas']['NotionMovePageOutput'];
type NotionQueryDatabaseContext = components['schemas']['NotionQueryDatabaseContext'];
type NotionQueryDatabaseOutput = components['schemas']['NotionQueryDatabaseOutput'];
type NotionRestorePageContext = components['schemas']['NotionRestorePageContext'];
type NotionRestorePageOutput = components['schemas']['NotionRestorePageOutput'];
type NotionSearchContext = components['schemas']['NotionSearchContext'];
type NotionSearchOutput = components['schemas']['NotionSearchOutput'];
type NotionUpdateBlockContext = components['schemas']['NotionUpdateBlockContext'];
type NotionUpdateBlockOutput = components['schemas']['NotionUpdateBlockOutput'];
type NotionUpdateDatabaseContext = components['schemas']['NotionUpdateDatabaseContext'];
type NotionUpdateDatabaseOutput = components['schemas']['NotionUpdateDatabaseOutput'];
type NotionUpdatePageContentContext = components['schemas']['NotionUpdatePageContentContext'];
type NotionUpdatePageContentOutput = components['schemas']['NotionUpdatePageContentOutput'];
type NotionUpdatePageContext = components['schemas']['NotionUpdatePageContext'];
type NotionUpdatePageOutput = components['schemas']['NotionUpdatePageOutput'];
type NotionUploadFileContext = components['schemas']['NotionUploadFileContext'];
type NotionUploadFileOutput = components['schemas']['NotionUploadFileOutput'];
type NotionUpsertRowContext = components['schemas']['NotionUpsertRowContext'];
type NotionUpsertRowOutput = components['schemas']['NotionUpsertRowOutput'];
type OpenAiFunction = components['schemas']['OpenAiFunction'];
type Outcome = components['schemas']['Outcome'];
type PluginFailure = components['schemas']['PluginFailure'];
type PluginResult = components['schemas']['PluginResult'];
type PluginSuccess = components['schemas']['PluginSuccess'];
type ProcessRequest = components['schemas']['ProcessRequest'];
type ReadyTokensRequest = components['schemas']['ReadyTokensRequest'];
type Recurrence = components['schemas']['Recurrence'];
type Refusal = components['schemas']['Refusal'];
type ReportRequest = components['schemas']['ReportRequest'];
type Reported = components['schemas']['Reported'];
type ResolveRequest = components['schemas']['ResolveRequest'];
type Resolved = components['schemas']['Resolved'];
type RetryPolicy = components['schemas']['RetryPolicy'];
type RetryRequest = components['schemas']['RetryRequest'];
type Revoked = components['schemas']['Revoked'];
type ScheduleRequest = components['schemas']['ScheduleRequest'];
type Scheduled = components['schemas']['Scheduled'];
type SlackAddReactionContext = components['schemas']['SlackAddReactionContext'];
type SlackAddReactionOutput = components['schemas']['SlackAddReactionOutput'];
type SlackArchiveChannelContext = components['schemas']['SlackArchiveChannelContext'];
type SlackArchiveChannelOutput = components['schemas']['SlackArchiveChannelOutput'];
type SlackCancelScheduledMessageContext = components['schemas']['SlackCancelScheduledMessageContext'];
type SlackCancelScheduledMessageOutput = components['schemas']['SlackCancelScheduledMessageOutput'];
type SlackChannelInfoContext = components['schemas']['SlackChannelInfoContext'];
type SlackChannelInfoOutput = components['schemas']['SlackChannelInfoOutput'];
type SlackCreateChannelContext = components['schemas']['SlackCreateChannelContext'];
type SlackCreateChannelOutput = components['schemas']['SlackCreateChannelOutput'];
type SlackDeleteMessageContext = components['schemas']['SlackDeleteMessageContext'];
type SlackDeleteMessageOutput = components['schemas']['SlackDeleteMessageOutput'];
type SlackFetchMessagesContext = components['schemas']['SlackFetchMessagesContext'];
type SlackFetchMessagesOutput = components['schemas']['SlackFetchMessagesOutput'];
type SlackFetchThreadContext = components['schemas']['SlackFetchThreadContext'];
type SlackFetchThreadOutput = components['schemas']['SlackFetchThreadOutput'];
type SlackGetFileContext = components['schemas']['SlackGetFileContext'];
type SlackGetFileOutput = components['schemas']['SlackGetFileOutput'];
type SlackGetMessageContext = components['schemas']['SlackGetMessageContext'];
type SlackGetMessageOutput = components['schemas']['SlackGetMessageOutput'];
type SlackGetPermalinkContext = components['schemas']['SlackGetPermalinkContext'];
type SlackGetPermalinkOutput = components['schemas']['SlackGetPermalinkOutput'];
type SlackGetReactionsContext = components['schemas']['SlackGetReactionsContext'];
type SlackGetReactionsOutput = components['schemas']['SlackGetReactionsOutput'];
type SlackInviteToChannelContext = components['schemas']['SlackInviteToChannelContext'];
type SlackInviteToChannelOutput = components['schemas']['SlackInviteToChannelOutput'];
type SlackJoinChannelContext = components['schemas']['SlackJoinChannelContext'];
type SlackJoinChannelOutput = components['schemas']['SlackJoinChannelOutput'];
type SlackLeaveChannelContext = components['schemas']['SlackLeaveChannelContext'];
type SlackLeaveChannelOutput = components['schemas']['SlackLeaveChannelOutput'];
type SlackListChannelsContext = components['schemas']['SlackListChannelsContext'];
type SlackListChannelsOutput = components['schemas']['SlackListChannelsOutput'];
type SlackListFilesContext = components['schemas']['SlackListFilesContext'];
type SlackListFilesOutput = components['schemas']['SlackListFilesOutput'];
type SlackListMembersContext = components['schemas']['SlackListMembersContext'];
type SlackListMembersOutput = components['schemas']['SlackListMembersOutput'];
type SlackListPinsContext = components['schemas']['SlackListPinsContext'];
type SlackListPinsOutput = components['schemas']['SlackListPinsOutput'];
type SlackListScheduledMessagesContext = components['schemas']['SlackListScheduledMessagesContext'];
type SlackListScheduledMessagesOutput = components['schemas']['SlackListScheduledMessagesOutput'];
type SlackListUsersContext = components['schemas']['SlackListUsersContext'];
type SlackListUsersOutput = components['schemas']['SlackListUsersOutput'];
type SlackLookupUserByEmailContext = components['schemas']['SlackLookupUserByEmailContext'];
type SlackLookupUserByEmailOutput = components['schemas']['SlackLookupUserByEmailOutput'];
type SlackOpenDmContext = components['schemas']['SlackOpenDmContext'];
type SlackOpenDmOutput = components['schemas']['SlackOpenDmOutput'];
type SlackPinMessageContext = components['schemas']['SlackPinMessageContext'];
type SlackPinMessageOutput = components['schemas']['SlackPinMessageOutput'];
type SlackRemoveReactionContext = components['schemas']['SlackRemoveReactionContext'];
type SlackRemoveReactionOutput = components['schemas']['SlackRemoveReactionOutput'];
type SlackRenameChannelContext = components['schemas']['SlackRenameChannelContext'];
type SlackRenameChannelOutput = components['schemas']['SlackRenameChannelOutput'];
type SlackScheduleMessageContext = components['schemas']['SlackScheduleMessageContext'];
type SlackScheduleMessageOutput = components['schemas']['SlackScheduleMessageOutput'];
type SlackSearchMessagesContext = components['schemas']['SlackSearchMessagesContext'];
type SlackSearchMessagesOutput = components['schemas']['SlackSearchMessagesOutput'];
type SlackSearchWorkspaceContext = components['schemas']['SlackSearchWorkspaceContext'];
type SlackSearchWorkspaceOutput = components['schemas']['SlackSearchWorkspaceOutput'];
type SlackSendEphemeralContext = components['schemas']['SlackSendEphemeralContext'];
type SlackSendEphemeralOutput = components['schemas']['SlackSendEphemeralOutput'];
type SlackSendMessageContext = components['schemas']['SlackSendMessageContext'];
type SlackSendMessageOutput = components['schemas']['SlackSendMessageOutput'];
type SlackSetPurposeContext = components['schemas']['SlackSetPurposeContext'];
type SlackSetPurposeOutput = components['schemas']['SlackSetPurposeOutput'];
type SlackSetTopicContext = components['schemas']['SlackSetTopicContext'];
type SlackSetTopicOutput = components['schemas']['SlackSetTopicOutput'];
type SlackUnpinMessageContext = components['schemas']['SlackUnpinMessageContext'];
type SlackUnpinMessageOutput = components['schemas']['SlackUnpinMessageOutput'];
type SlackUpdateMessageContext = components['schemas']['SlackUpdateMessageContext'];
type SlackUpdateMessageOutput = components['schemas']['SlackUpdateMessageOutput'];
type SlackUploadFileContext = components['schemas']['SlackUploadFileContext'];
type SlackUploadFileOutput = components['schemas']['SlackUploadFileOutput'];
type SlackUserInfoContext = components['schemas']['SlackUserInfoContext'];
type SlackUserInfoOutput = components['schemas']['SlackUserInfoOutput'];
type Stats = components['schemas']['Stats'];
type StatsPeriod = components['schemas']['StatsPeriod'];
type Success = components['schemas']['Success'];
type Task = components['schemas']['Task'];
type TaskCreator = components['schemas']['TaskCreator'];
type TaskHistoryEntry = components['schemas']['TaskHistoryEntry'];
type TaskResult = components['schemas']['TaskResult'];
type TaskStatus = components['schemas']['TaskStatus'];
type Tasks = components['schemas']['Tasks'];
type Tier = components['schemas']['Tier'];
type TokenKind = components['schemas']['TokenKind'];
type Tool = components['schemas']['Tool'];
type ToolDefinition = components['schemas']['ToolDefinition'];
type ToolName = components['schemas']['ToolName'];
type Tools = components['schemas']['Tools'];
type Trend = components['schemas']['Trend'];
type Trends = components['schemas']['Trends'];
type TrendsPeriod = components['schemas']['TrendsPeriod'];
type UnavailableAction = components['schemas']['UnavailableAction'];
type Warning = components['schemas']['Warning'];
type Response400 = components['responses']['400'];
type Response401 = components['responses']['401'];
type Response403 = components['responses']['403'];
type Response413 = components['responses']['413'];
type Response429 = components['responses']['429'];
type Response500 = components['responses']['500'];
type Response503 = components['responses']['503'];
type $defs = Record<string, never>;
interface operations {
  listTools: {
    parameters: {
      query?: {
        /** @description Lists only these tools, such as `gmail,slack`. `engine` stands for the own tools of the engine. */tools?: string; /** @description Lists only these actions, such as `send_email` or `gmail_send_email`. */
        actions?: string; /** @description Lists only actions of these effects, such as `read,idempotent`. */
        effect?: string; /** @description Lists only connected tools (true) or only unconnected ones (false). */
        connected?: boolean;
        /**
         * @description The ranks of the listed actions. By default `core` with `format`, unless `actions` or `q` is given; otherwise `all`.
         *     Definitions of `core` leave out the fields that few calls need; calls may have them.
         */
        tier?: "core" | "all"; /** @description Words to search for in names and descriptions, such as `reply to a mail`. At most 20 actions, the best match first. */
        q?: string; /** @description The format of a model provider; the format of this API by default. */
        format?: "openai" | "openai-responses" | "anthropic" | "gemini" | "mcp"; /** @description True for inputs in the strict subset of OpenAI, where null stands for an absent field. Needs `format`. */
        strict?: boolean; /** @description True to add the schemas of the outputs to the definitions of `mcp`. */
        outputSchemas?: boolean;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tools */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Tools"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  processIntent: {
    parameters: {
      query?: never;
      header?: {
        /** @description A key of the caller's choice. A repeated request with the same key and body returns the first result, with the header `Idempotent-Replayed: true` */"Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ProcessRequest"];
      };
    };
    responses: {
      /** @description The intent was processed; `success` is true if the action succeeded */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PluginResult"];
        };
      }; /** @description The intent is scheduled, or its outcome is being reconciled */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PluginResult"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description A file that the context names does not exist */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The first request with this idempotency key is still running; or the agent is new and the user has as many as allowed; or a file is not uploaded */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"]; /** @description The idempotency key was used for a request with another body */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The tool is not connected, and the intent is for later */
      424: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listAgents: {
    parameters: {
      query?: {
        /** @description The largest number of items in a page: 1 to 100. */limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of agents */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Agents"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  stopAgent: {
    parameters: {
      query?: {
        /** @description The id of the agent. Required, here or in the body. */agentId?: string; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["AgentStop"];
      };
    };
    responses: {
      /** @description The tasks of the agent are stopped */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AgentStopped"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such agent */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  call: {
    parameters: {
      query?: never;
      header?: {
        /** @description A key of the caller's choice, in the place of `callId`. A repeated request with the same key and body returns the first result, with the header `Idempotent-Replayed: true` */"Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CallRequest"];
      };
    };
    responses: {
      /** @description The call was answered; `isError` is true if it was not done */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description The first request with this key is still running */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"]; /** @description The idempotency key was used for a request with another body */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listCircuitBreakers: {
    parameters: {
      query?: {
        /** @description Lists only circuit breakers of this agent. */agentId?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The circuit breakers */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CircuitBreakers"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  closeCircuitBreaker: {
    parameters: {
      query?: {
        /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string; /** @description The agent of the circuit breaker. Required, here or in the body. */
        agentId?: string; /** @description The tool of the circuit breaker. Required, here or in the body. */
        tool?: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CircuitBreakerClose"];
      };
    };
    responses: {
      /** @description The circuit breaker is closed and its recorded failures are deleted */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Success"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No failures are recorded for this agent and tool */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"]; /** @description The tool is not connected, and its accounts have several circuit breakers */
      424: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listMappings: {
    parameters: {
      query?: {
        /** @description The id of one mapping. Excludes all other parameters. */id?: string; /** @description The agent that owns the mappings. Required without `id`. */
        agentId?: string; /** @description The tool of the mappings, for example `slack`. Required without `id`. */
        tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Lists only mappings of this account: its id, label or address. */
        account?: string; /** @description Lists only context keys that start with this text. */
        prefix?: string; /** @description Lists only mappings to this external id. */
        externalId?: string; /** @description The largest number of items in a page: 1 to 100. */
        limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The mappings */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Mappings"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such mapping, or an account that was never connected */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  updateMapping: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MappingUpdateRequest"];
      };
    };
    responses: {
      /** @description The mapping was changed */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Success"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such mapping */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  createMapping: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MappingRequest"];
      };
    };
    responses: {
      /** @description The mapping was created */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MappingCreated"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description The context key is already mapped, or the agent has as many mappings of the tool as allowed */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"]; /** @description The tool is not connected */
      424: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  deleteMapping: {
    parameters: {
      query?: {
        /** @description The id of the mapping. Required, here or in the body. */id?: string; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["MappingDelete"];
      };
    };
    responses: {
      /** @description The mapping was deleted */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Success"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such mapping */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  upsertMappings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MappingsUpsertRequest"];
      };
    };
    responses: {
      /** @description One result for each item */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bulk"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  deleteMappings: {
    parameters: {
      query?: {
        /** @description 1 to 100 ids of mappings. Required, here or in the body. */ids?: string[]; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["MappingsDeleteRequest"];
      };
    };
    responses: {
      /** @description One result for each item */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bulk"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"]; /** @description The address is longer than the gateway in front accepts: send the list in the body */
      414: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  lookupMapping: {
    parameters: {
      query: {
        /** @description The agent that owns the mapping. */agentId: string; /** @description The tool of the mapping, for example `slack`. */
        tool: "gmail" | "notion" | "slack" | "asana"; /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */
        account?: string; /** @description The context key to look up. */
        contextKey?: string; /** @description The external id to look up. */
        externalId?: string; /** @description The largest number of keys in a page: 1 to 100; 100 by default. Needs `externalId`. */
        limit?: number; /** @description The `cursor` of the previous page of keys. Needs `externalId`. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The external id, or the context keys */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Lookup"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such mapping, or the mapping has expired */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The tool is not connected */
      424: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listDelegations: {
    parameters: {
      query?: {
        /** @description The largest number of items in a page: 1 to 100. */limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of delegations */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Delegations"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  grantDelegation: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DelegationRequest"];
      };
    };
    responses: {
      /** @description The delegation was granted */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DelegationGranted"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description The service is new and the user has as many delegations as allowed */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  revokeDelegation: {
    parameters: {
      query?: {
        /** @description The token subject of the service. Required, here or in the body. */service?: string; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["DelegationDelete"];
      };
    };
    responses: {
      /** @description The delegation is revoked */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Revoked"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such delegation, and no task of the service */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listErrors: {
    parameters: {
      query?: {
        /** @description Lists only errors of this agent. */agentId?: string; /** @description Lists only errors of this tool. */
        tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Lists only errors with this code. */
        errorCode?: string; /** @description Lists only resolved errors (true) or only unresolved ones (false). */
        resolved?: boolean; /** @description Lists only errors at or after this time. */
        since?: components["schemas"]["Instant"]; /** @description Lists only errors before this time. */
        until?: components["schemas"]["Instant"]; /** @description The largest number of items in a page: 1 to 100. */
        limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of errors */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Errors"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  reportError: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReportRequest"];
      };
    };
    responses: {
      /** @description The error was logged */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Reported"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  resolveError: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ResolveRequest"];
      };
    };
    responses: {
      /** @description The error is resolved */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Resolved"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such error */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  resolveErrors: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ErrorsBulkRequest"];
      };
    };
    responses: {
      /** @description One result for each id */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ErrorsBulk"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  getFallbacks: {
    parameters: {
      query?: {
        /** @description Returns the policy that applies to this tool, for example `gmail`. */tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Returns the policy that applies when this agent uses the tool. Needs `tool`. */
        agentId?: string; /** @description The message to return if none is stored. Needs `tool`. */
        default?: string; /** @description The largest number of items in a page: 1 to 100. Not with `tool`. */
        limit?: number; /** @description The `cursor` of the previous page. Not with `tool`. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The most specific policy that applies, or a page of stored ones */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Fallbacks"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  setFallback: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FallbackRequest"];
      };
    };
    responses: {
      /** @description The policy was stored */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FallbackSet"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  deleteFallback: {
    parameters: {
      query?: {
        /** @description The agent that the policy applies to; all agents if absent. */agentId?: string; /** @description The tool. Required, here or in the body. */
        tool?: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["FallbackDelete"];
      };
    };
    responses: {
      /** @description The policy was deleted */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Success"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such policy */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  errorStats: {
    parameters: {
      query?: {
        /** @description The number of days, today included: 1 to 90; 7 by default. */days?: number; /** @description Counts only errors of this agent. */
        agentId?: string; /** @description The largest number of agents in a page: 1 to 100; 25 by default. */
        limit?: number; /** @description The `cursor` of the previous page of agents. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The counts */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Stats"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  errorTrends: {
    parameters: {
      query?: {
        /** @description The number of days, today included: 1 to 90; 30 by default. */days?: number; /** @description Counts only errors of this tool. */
        tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Counts only errors of this agent. */
        agentId?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The counts */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Trends"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listFiles: {
    parameters: {
      query?: {
        /** @description The id of one file. */fileId?: string; /** @description The largest number of items in a page: 1 to 100. */
        limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The files, or the file */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Files"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such file */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  registerFile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["FileRequest"];
      };
    };
    responses: {
      /** @description The file is registered */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FileRegistered"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  deleteFile: {
    parameters: {
      query?: {
        /** @description The id of the file. Required, here or in the body. */fileId?: string; /** @description Deletes also a file that tasks need, and cancels these tasks. */
        force?: boolean; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["FileDelete"];
      };
    };
    responses: {
      /** @description The file is deleted */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FileDeleted"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such file */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description Tasks need the file; with `force`, an attempt of one runs */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listIntegrations: {
    parameters: {
      query?: {
        /** @description The largest number of items in a page: 1 to 100. */limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of connections */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Integrations"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  storeTokens: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ReadyTokensRequest"];
      };
    };
    responses: {
      /** @description The connection was created */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Connected"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description Ten accounts of the tool are connected, or this one was disconnected during the request */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"]; /** @description The provider cannot be reached, or failed */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      503: components["responses"]["503"];
    };
  };
  disconnect: {
    parameters: {
      query?: {
        /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */account?: string; /** @description The tool to disconnect, for example `gmail`. */
        tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Another name of `tool`. */
        toolName?: "gmail" | "notion" | "slack" | "asana"; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["DisconnectRequest"];
      };
    };
    responses: {
      /** @description The account is disconnected */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Disconnected"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such connection */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  nameAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AccountNamesRequest"];
      };
    };
    responses: {
      /** @description The account has its new names */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AccountNamed"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      413: components["responses"]["413"]; /** @description The tool is not connected */
      424: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  connect: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConnectRequest"];
      };
    };
    responses: {
      /** @description The connection was created */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Connected"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description The `connectCode` does not exist or belongs to another user */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description Ten accounts of the tool are connected, or this one was disconnected during the request */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"]; /** @description This deployment has no OAuth client for the tool */
      501: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The provider cannot be reached, or failed */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      503: components["responses"]["503"];
    };
  };
  authorizeIntegration: {
    parameters: {
      query?: {
        /** @description The tool, for example `gmail`. Required, as `tool` or as `toolName`. */tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Another name of `tool`. */
        toolName?: "gmail" | "notion" | "slack" | "asana"; /** @description The account to connect again: its id, label or address. Absent for a new one. */
        account?: string; /** @description Fewer scopes than the deployment asks for, separated by spaces or commas. Those that name the account are always asked for. */
        scopes?: string; /** @description The page to which the browser returns after the consent, of an origin that the deployment lists. Absent for its frontend. */
        returnTo?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The consent page */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Authorize"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"]; /** @description This deployment has no OAuth client for the tool */
      501: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      503: components["responses"]["503"];
    };
  };
  callbackIntegration: {
    parameters: {
      query?: {
        /** @description The authorization code from the provider */code?: string; /** @description The state of the authorization request */
        state?: string; /** @description The provider's error code, instead of `code` */
        error?: string; /** @description The issuer of the response (RFC 9207) */
        iss?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Redirect to the page that the start named, or to the frontend */302: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  integrationStatus: {
    parameters: {
      query?: {
        /** @description The tool, for example `gmail`. Required, as `tool` or as `toolName`. */tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Another name of `tool`. */
        toolName?: "gmail" | "notion" | "slack" | "asana"; /** @description The account: its id, label or address. Required if several accounts of the tool are connected and none is the default. */
        account?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The state of the connection */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AuthStatus"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  authorize: {
    parameters: {
      query?: {
        /** @description The tool, for example `gmail`. Required, as `tool` or as `toolName`. */tool?: "gmail" | "notion" | "slack" | "asana"; /** @description Another name of `tool`. */
        toolName?: "gmail" | "notion" | "slack" | "asana"; /** @description The account to connect again: its id, label or address. Absent for a new one. */
        account?: string; /** @description Fewer scopes than the deployment asks for, separated by spaces or commas. Those that name the account are always asked for. */
        scopes?: string; /** @description The page to which the browser returns after the consent, of an origin that the deployment lists. Absent for its frontend. */
        returnTo?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The consent page */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Authorize"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"];
      429: components["responses"]["429"];
      500: components["responses"]["500"]; /** @description This deployment has no OAuth client for the tool */
      501: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      503: components["responses"]["503"];
    };
  };
  callback: {
    parameters: {
      query?: {
        /** @description The authorization code from the provider */code?: string; /** @description The state of the authorization request */
        state?: string; /** @description The provider's error code, instead of `code` */
        error?: string; /** @description The issuer of the response (RFC 9207) */
        iss?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Redirect to the page that the start named, or to the frontend */302: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  getDocument: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The document, in OpenAPI 3.1 */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            [key: string]: unknown;
          };
        };
      };
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  listTasks: {
    parameters: {
      query?: {
        /** @description Lists only tasks of this agent. Without it, the tasks of all agents, 25 agents at a time. */agentId?: string; /** @description The id of one task. */
        taskId?: string;
        /**
         * @description Waits so many seconds, 1 to 20, for the end of the task: the answer comes as soon as its occurrence has ended or needs a
         *     person, at once if no attempt of it runs or is due in that time, or else after `wait`. Needs `taskId`.
         */
        wait?: number; /** @description The kind of the listed tasks; `scheduled` by default. */
        kind?: "scheduled" | "immediate"; /** @description Lists only tasks with this status. */
        status?: components["schemas"]["TaskStatus"]; /** @description The largest number of items in a page: 1 to 100. */
        limit?: number; /** @description The `cursor` of the previous page. */
        cursor?: string;
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tasks, or the task */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Tasks"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such task */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  retryTask: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RetryRequest"];
      };
    };
    responses: {
      /** @description The task is scheduled for a new attempt */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Success"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such task */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The status of the task does not allow this */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  cancelTask: {
    parameters: {
      query?: {
        /** @description The id of the task. Required, here or in the body. */taskId?: string; /** @description The user; by default the token's subject */
        userId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CancelRequest"];
      };
    };
    responses: {
      /** @description The task is cancelled: nothing of it is called any more. If it had prepared something, such as a draft, its status is `unknown` until that is discarded */200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Success"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description No such task */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The status of the task does not allow this */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"];
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
  scheduleIntent: {
    parameters: {
      query?: never;
      header?: {
        /** @description A key of the caller's choice. A repeated request with the same key and body returns the first result, with the header `Idempotent-Replayed: true` */"Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ScheduleRequest"];
      };
    };
    responses: {
      /** @description The task is scheduled */202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Scheduled"];
        };
      };
      400: components["responses"]["400"];
      401: components["responses"]["401"];
      403: components["responses"]["403"]; /** @description A file that the context names does not exist */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The first request with this idempotency key is still running; or the agent is new and the user has as many as allowed; or a file is not uploaded */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      413: components["responses"]["413"]; /** @description The idempotency key was used for a request with another body */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      }; /** @description The tool is not connected */
      424: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Refusal"];
        };
      };
      429: components["responses"]["429"];
      500: components["responses"]["500"];
      503: components["responses"]["503"];
    };
  };
}
//#endregion
//#region src/actions.d.ts
/** A tool, such as `gmail`. */
type ToolId = keyof Actions;
/** An action of a tool, such as `send_email`. */
type Intent<T extends ToolId> = keyof Actions[T] & string;
/** Stands for the external id that the agent saved under a key, in place of any value of a context. */
interface ContextKey {
  contextKey: string;
}
type Keyed<V> = ContextKey | (V extends object ? { [K in keyof V]: Keyed<V[K]> } : V);
/** The context of an action. */
type Context<T extends ToolId, I extends Intent<T>> = Actions[T][I] extends {
  context: infer C;
} ? { [K in keyof C]: Keyed<C[K]> } : never;
/** The data of an action's result. */
type Output<T extends ToolId, I extends Intent<T>> = Actions[T][I] extends {
  output: infer O;
} ? O : never;
/** An intent with the types of its action. */
type ActRequest<T extends ToolId, I extends Intent<T>> = Omit<ProcessRequest, "tool" | "intent" | "context"> & {
  tool: T;
  intent: I;
  context: Context<T, I>;
};
/** The result of an action, with its data typed where it succeeded. */
type ActResult<T extends ToolId, I extends Intent<T>> = (Omit<PluginSuccess, "data"> & {
  data?: Output<T, I>;
}) | PluginFailure;
//#endregion
//#region src/tokens.d.ts
/** The bearer token, or a function that returns it. */
type Token = string | ((options: {
  renew: boolean;
}) => string | Promise<string>);
/** Sends a request, as `fetch` does. */
type Send = (request: Request) => Promise<Response>;
//#endregion
//#region src/client.d.ts
/** The address of the engine and the caller's credentials. */
interface Options {
  /** The API's origin, for example `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  baseUrl: string;
  /**
   * The user's bearer token, or a function that returns it. The function is called before every request. After a 401 it is called
   * again, with `{ renew: true }` if it still returns the rejected token, and the request is repeated once. Requests that are
   * refused at the same time share one renewal.
   */
  token: Token;
  /** A replacement for `fetch`, for example that of a framework or of a test. */
  fetch?: Send;
}
/** The routes of the document. Each method returns `{ data, error, response }` with either `data` or `error`. */
type Routes = Client<paths, "application/json">;
/** The answer to a request: `data`, or the refusal. */
type Answer<T> = {
  data: T;
  error?: never;
  response: Response;
} | {
  data?: never;
  error: Refusal;
  response: Response;
};
/** A refused request, where a helper of several requests throws it. */
declare class RefusedError extends Error {
  readonly refusal: Refusal;
  readonly status: number;
  constructor(refusal: Refusal, status: number);
}
/** Options of a request that can have an effect. */
interface EffectOptions {
  /** A key that identifies the effect: a repetition with the same key and body returns the first result. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}
//#endregion
//#region src/files.d.ts
/** A file to upload. */
interface NewFile {
  /** The name, without a path. */
  filename: string;
  /** The media type; that of the content by default, or else `application/octet-stream`. */
  contentType?: string;
  /** The bytes, or a text. A `File` of a browser is one. */
  content: Blob | Uint8Array<ArrayBuffer> | string;
}
/** An upload that the bucket did not take. */
declare class UploadError extends Error {
  readonly status: number;
  constructor(fileId: string, status: number);
}
//#endregion
//#region src/tasks.d.ts
/** Options of a wait. */
interface UntilOptions {
  /** The time limit in milliseconds; ten minutes by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}
/** A task that neither ended nor needs a person within the time limit. */
declare class TimeLimitError extends Error {
  /** The task as it was last seen. */
  readonly task: Task | undefined;
  constructor(taskId: string, timeoutMs: number, task: Task | undefined);
}
//#endregion
//#region src/tools.d.ts
type Query = NonNullable<operations["listTools"]["parameters"]["query"]>;
/** A choice of tools, as `GET /api/plugin-engine` takes it. */
type ToolFilters = Omit<Query, "format">;
/** The choice of tools to offer to a model, and what each of their calls carries. */
interface ToolsOptions extends Omit<CallRequest, "name" | "arguments" | "callId"> {
  /** Offers only these tools; all by default. */
  filters?: ToolFilters;
}
type JsonSchema = Record<string, unknown>;
type Arguments = Record<string, unknown>;
/** A tool of OpenAI's Chat Completions: for `create`, and for `runTools`, which runs it. */
interface OpenAiTool {
  type: "function";
  function: {
    name: string;
    description: string;
    parameters: JsonSchema;
    strict?: boolean;
    function: (input: string, runner: {
      messages: readonly unknown[];
    }) => Promise<string>;
  };
}
/** A tool of OpenAI's Responses. The SDK runs none: pass each `function_call` to `call`. */
interface OpenAiResponsesTool {
  type: "function";
  name: string;
  description: string;
  parameters: JsonSchema;
  strict: boolean;
}
/** A tool of Anthropic's Messages: for `create`, and for `toolRunner`, which runs it. */
interface AnthropicTool {
  name: string;
  description: string;
  input_schema: JsonSchema & {
    type: "object";
  };
  run: (input: Arguments, context?: {
    toolUse: {
      id: string;
    };
  }) => Promise<string>;
  parse: (content: unknown) => Arguments;
}
/** A tool of the AI SDK: for `generateText` and `streamText`, which run it. */
interface AiTool {
  description: string;
  inputSchema: any;
  execute: (input: any, options: {
    toolCallId: string;
  }) => Promise<string>;
}
/** All tools for the Google Gen AI SDK, which calls them automatically. */
interface GeminiTool {
  tool: () => Promise<GeminiDefinition>;
  callTool: (calls: {
    id?: string;
    name?: string;
    args?: Arguments;
  }[]) => Promise<GeminiPart[]>;
}
interface GeminiDefinition {
  functionDeclarations: {
    name: string;
    description: string;
    parametersJsonSchema: JsonSchema;
  }[];
}
interface GeminiPart {
  functionResponse: {
    id?: string;
    name: string;
    response: Record<string, unknown>;
  };
}
/** The forms of tools by SDK. */
interface ToolForms {
  openai: OpenAiTool[];
  "openai-responses": OpenAiResponsesTool[];
  anthropic: AnthropicTool[];
  ai: Record<string, AiTool>;
  gemini: GeminiTool[];
}
/** The function `tool` of `@langchain/core/tools`. */
type LangChainFactory<T> = (run: (input: any, config: {
  toolCall?: {
    id?: string;
  };
}) => Promise<string>, fields: {
  name: string;
  description: string;
  schema: any;
}) => T;
/** A tool call that failed. The message is the content for the model. */
declare class ToolCallError extends Error {
  constructor(content: string);
}
/** Returns the tools of the engine in the form of an SDK. */
interface ToolsFor {
  <F extends keyof ToolForms>(form: F, options: ToolsOptions): Promise<ToolForms[F]>;
  /** LangChain's tools are made by its own function `tool`. */
  <T>(form: "langchain", options: ToolsOptions, tool: LangChainFactory<T>): Promise<T[]>;
}
//#endregion
//#region src/index.d.ts
/**
 * The typed API: a method for each HTTP method, which takes any path of the document, and helpers. `GET`, `POST` and so on, `act`
 * and `call` return `{ data, error, response }` with either `data` or `error`. `error` is a `Refusal`, identified by its code. A
 * failed action is not a refused request: its result is `data`, with `data.success` false.
 */
interface PluginEngine extends Routes {
  /** Processes an intent. The types of `context` and of the result's `data` are those of the action. */
  act<T extends ToolId, I extends Intent<T>>(request: ActRequest<T, I>, options?: EffectOptions): Promise<Answer<ActResult<T, I>>>;
  /** Runs a model's call of a tool. The same call with the same `callId` is run once. */
  call(request: CallRequest, signal?: AbortSignal): Promise<Answer<CallAnswer>>;
  /**
   * Uploads a file and returns its id, which an action takes as `{ file: id }`. Throws `RefusedError`, or `UploadError` if the bytes
   * were not stored.
   */
  uploadFile(file: NewFile, signal?: AbortSignal): Promise<string>;
  /**
   * Waits until a task ends or needs a person, and returns it. Throws `TimeLimitError` at the time limit, or at once if the task
   * is due after it, and `RefusedError` if there is no such task.
   */
  until(taskId: string, options?: UntilOptions): Promise<Task>;
  /** Returns the tools of the engine in the form of an SDK, with functions where the SDK runs tools. Throws `RefusedError`. */
  toolsFor: ToolsFor;
}
/** Creates a client. `GET`, `POST` and so on, `act` and `call` throw only the exceptions of `fetch` and `token`. */
declare function createPluginEngine({
  baseUrl,
  token,
  fetch
}: Options): PluginEngine;
//#endregion
export { $defs, Account, AccountChoice, AccountId, AccountNamed, AccountNamesRequest, ActRequest, ActResult, Action, Actions, Agent, AgentId, AgentStop, AgentStopped, AgentTaskCounts, Agents, type AiTool, type Answer, type AnthropicTool, AsanaAddCommentContext, AsanaAddCommentOutput, AsanaAddDependenciesContext, AsanaAddDependenciesOutput, AsanaAddFollowersContext, AsanaAddFollowersOutput, AsanaAddTagToTaskContext, AsanaAddTagToTaskOutput, AsanaAddTaskToProjectContext, AsanaAddTaskToProjectOutput, AsanaAddTaskToSectionContext, AsanaAddTaskToSectionOutput, AsanaCompleteTaskContext, AsanaCompleteTaskOutput, AsanaCreateProjectContext, AsanaCreateProjectOutput, AsanaCreateSectionContext, AsanaCreateSectionOutput, AsanaCreateSubtaskContext, AsanaCreateSubtaskOutput, AsanaCreateTagContext, AsanaCreateTagOutput, AsanaCreateTaskContext, AsanaCreateTaskOutput, AsanaDeleteProjectContext, AsanaDeleteProjectOutput, AsanaDeleteTaskContext, AsanaDeleteTaskOutput, AsanaDuplicateTaskContext, AsanaDuplicateTaskOutput, AsanaGetAttachmentContext, AsanaGetAttachmentOutput, AsanaGetMeContext, AsanaGetMeOutput, AsanaGetProjectContext, AsanaGetProjectOutput, AsanaGetTaskContext, AsanaGetTaskOutput, AsanaGetUserContext, AsanaGetUserOutput, AsanaListAttachmentsContext, AsanaListAttachmentsOutput, AsanaListCommentsContext, AsanaListCommentsOutput, AsanaListCustomFieldsContext, AsanaListCustomFieldsOutput, AsanaListMyTasksContext, AsanaListMyTasksOutput, AsanaListProjectsContext, AsanaListProjectsOutput, AsanaListSectionsContext, AsanaListSectionsOutput, AsanaListSubtasksContext, AsanaListSubtasksOutput, AsanaListTagsContext, AsanaListTagsOutput, AsanaListTasksContext, AsanaListTasksOutput, AsanaListTeamsContext, AsanaListTeamsOutput, AsanaListUsersContext, AsanaListUsersOutput, AsanaListWorkspacesContext, AsanaListWorkspacesOutput, AsanaRemoveDependenciesContext, AsanaRemoveDependenciesOutput, AsanaRemoveTagFromTaskContext, AsanaRemoveTagFromTaskOutput, AsanaRemoveTaskFromProjectContext, AsanaRemoveTaskFromProjectOutput, AsanaSearchContext, AsanaSearchOutput, AsanaSearchTasksContext, AsanaSearchTasksOutput, AsanaSetParentContext, AsanaSetParentOutput, AsanaUpdateCommentContext, AsanaUpdateCommentOutput, AsanaUpdateProjectContext, AsanaUpdateProjectOutput, AsanaUpdateTaskContext, AsanaUpdateTaskOutput, AsanaUploadAttachmentContext, AsanaUploadAttachmentOutput, AuthStatus, Authorize, BreakerState, Bulk, BulkItem, CallAnswer, CallRequest, CancelRequest, CircuitBreaker, CircuitBreakerClose, CircuitBreakers, ConnectRequest, Connected, ConnectionStatus, Context, ContextKey, CreatorKind, Delegation, DelegationDelete, DelegationGranted, DelegationRequest, Delegations, DisconnectRequest, Disconnected, Effect, type EffectOptions, ErrorAction, ErrorCode, ErrorDetail, Errors, ErrorsAction, ErrorsBulk, ErrorsBulkRequest, FallbackDelete, FallbackRequest, FallbackRow, FallbackSet, FallbackTexts, Fallbacks, FieldFault, File, FileDelete, FileDeleted, FileLink, FileRegistered, FileRequest, Files, GeminiFunction, type GeminiTool, GmailBatchModifyContext, GmailBatchModifyOutput, GmailCreateDraftContext, GmailCreateDraftOutput, GmailCreateLabelContext, GmailCreateLabelOutput, GmailDeleteDraftContext, GmailDeleteDraftOutput, GmailDeleteLabelContext, GmailDeleteLabelOutput, GmailFetchEmailsContext, GmailFetchEmailsOutput, GmailForwardContext, GmailForwardOutput, GmailGetAttachmentContext, GmailGetAttachmentOutput, GmailGetDraftContext, GmailGetDraftOutput, GmailGetEmailContext, GmailGetEmailOutput, GmailGetFilterContext, GmailGetFilterOutput, GmailGetLabelContext, GmailGetLabelOutput, GmailGetProfileContext, GmailGetProfileOutput, GmailGetThreadContext, GmailGetThreadOutput, GmailGetVacationContext, GmailGetVacationOutput, GmailListDraftsContext, GmailListDraftsOutput, GmailListFiltersContext, GmailListFiltersOutput, GmailListLabelsContext, GmailListLabelsOutput, GmailListSendAsContext, GmailListSendAsOutput, GmailListThreadsContext, GmailListThreadsOutput, GmailModifyLabelsContext, GmailModifyLabelsOutput, GmailModifyThreadContext, GmailModifyThreadOutput, GmailReplyAllContext, GmailReplyAllOutput, GmailReplyContext, GmailReplyOutput, GmailSendDraftContext, GmailSendDraftOutput, GmailSendEmailContext, GmailSendEmailOutput, GmailTrashEmailContext, GmailTrashEmailOutput, GmailTrashThreadContext, GmailTrashThreadOutput, GmailUntrashEmailContext, GmailUntrashEmailOutput, GmailUntrashThreadContext, GmailUntrashThreadOutput, GmailUpdateDraftContext, GmailUpdateDraftOutput, GmailUpdateLabelContext, GmailUpdateLabelOutput, Hints, Instant, Integration, Integrations, Intent, type LangChainFactory, LastError, LoggedError, Lookup, Mapping, MappingCreated, MappingDelete, MappingKeys, MappingRequest, MappingUpdateRequest, Mappings, MappingsDeleteRequest, MappingsUpsertRequest, Misfire, type NewFile, NotionAddCommentContext, NotionAddCommentOutput, NotionAppendContentContext, NotionAppendContentOutput, NotionArchivePageContext, NotionArchivePageOutput, NotionCreateDatabaseContext, NotionCreateDatabaseOutput, NotionCreatePageContext, NotionCreatePageOutput, NotionDeleteBlockContext, NotionDeleteBlockOutput, NotionGetBlockContext, NotionGetBlockOutput, NotionGetDatabaseContext, NotionGetDatabaseOutput, NotionGetFileContext, NotionGetFileOutput, NotionGetMeContext, NotionGetMeOutput, NotionGetPageContentContext, NotionGetPageContentOutput, NotionGetPageContext, NotionGetPageOutput, NotionGetPagePropertyContext, NotionGetPagePropertyOutput, NotionGetUserContext, NotionGetUserOutput, NotionListBlocksContext, NotionListBlocksOutput, NotionListCommentsContext, NotionListCommentsOutput, NotionListDatabasesContext, NotionListDatabasesOutput, NotionListFilesContext, NotionListFilesOutput, NotionListUsersContext, NotionListUsersOutput, NotionMovePageContext, NotionMovePageOutput, NotionQueryDatabaseContext, NotionQueryDatabaseOutput, NotionRestorePageContext, NotionRestorePageOutput, NotionSearchContext, NotionSearchOutput, NotionUpdateBlockContext, NotionUpdateBlockOutput, NotionUpdateDatabaseContext, NotionUpdateDatabaseOutput, NotionUpdatePageContentContext, NotionUpdatePageContentOutput, NotionUpdatePageContext, NotionUpdatePageOutput, NotionUploadFileContext, NotionUploadFileOutput, NotionUpsertRowContext, NotionUpsertRowOutput, OpenAiFunction, type OpenAiResponsesTool, type OpenAiTool, type Options, Outcome, Output, PluginEngine, PluginFailure, PluginResult, PluginSuccess, ProcessRequest, ReadyTokensRequest, Recurrence, Refusal, RefusedError, ReportRequest, Reported, ResolveRequest, Resolved, Response400, Response401, Response403, Response413, Response429, Response500, Response503, RetryPolicy, RetryRequest, Revoked, type Routes, ScheduleRequest, Scheduled, type Send, SlackAddReactionContext, SlackAddReactionOutput, SlackArchiveChannelContext, SlackArchiveChannelOutput, SlackCancelScheduledMessageContext, SlackCancelScheduledMessageOutput, SlackChannelInfoContext, SlackChannelInfoOutput, SlackCreateChannelContext, SlackCreateChannelOutput, SlackDeleteMessageContext, SlackDeleteMessageOutput, SlackFetchMessagesContext, SlackFetchMessagesOutput, SlackFetchThreadContext, SlackFetchThreadOutput, SlackGetFileContext, SlackGetFileOutput, SlackGetMessageContext, SlackGetMessageOutput, SlackGetPermalinkContext, SlackGetPermalinkOutput, SlackGetReactionsContext, SlackGetReactionsOutput, SlackInviteToChannelContext, SlackInviteToChannelOutput, SlackJoinChannelContext, SlackJoinChannelOutput, SlackLeaveChannelContext, SlackLeaveChannelOutput, SlackListChannelsContext, SlackListChannelsOutput, SlackListFilesContext, SlackListFilesOutput, SlackListMembersContext, SlackListMembersOutput, SlackListPinsContext, SlackListPinsOutput, SlackListScheduledMessagesContext, SlackListScheduledMessagesOutput, SlackListUsersContext, SlackListUsersOutput, SlackLookupUserByEmailContext, SlackLookupUserByEmailOutput, SlackOpenDmContext, SlackOpenDmOutput, SlackPinMessageContext, SlackPinMessageOutput, SlackRemoveReactionContext, SlackRemoveReactionOutput, SlackRenameChannelContext, SlackRenameChannelOutput, SlackScheduleMessageContext, SlackScheduleMessageOutput, SlackSearchMessagesContext, SlackSearchMessagesOutput, SlackSearchWorkspaceContext, SlackSearchWorkspaceOutput, SlackSendEphemeralContext, SlackSendEphemeralOutput, SlackSendMessageContext, SlackSendMessageOutput, SlackSetPurposeContext, SlackSetPurposeOutput, SlackSetTopicContext, SlackSetTopicOutput, SlackUnpinMessageContext, SlackUnpinMessageOutput, SlackUpdateMessageContext, SlackUpdateMessageOutput, SlackUploadFileContext, SlackUploadFileOutput, SlackUserInfoContext, SlackUserInfoOutput, Stats, StatsPeriod, Success, Task, TaskCreator, TaskHistoryEntry, TaskResult, TaskStatus, Tasks, Tier, TimeLimitError, type Token, TokenKind, Tool, ToolCallError, ToolDefinition, type ToolFilters, type ToolForms, ToolId, ToolName, Tools, type ToolsFor, type ToolsOptions, Trend, Trends, TrendsPeriod, UnavailableAction, type UntilOptions, UploadError, Warning, components, createPluginEngine, operations, paths, webhooks };