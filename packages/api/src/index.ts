export { type Api, createApi } from "./api.ts";
export type { ApiDeps, Authenticate, Authorize, Caller, Limits, Served, SignedRequest } from "./traits.ts";
