export { type Api, createApi } from "./api.ts";
export { conditionKeys } from "./condition-keys.ts";
export { headOf } from "./receive.ts";
export type { ApiDeps, Authenticate, Authorize, Caller, Limits, Served, SignedRequest } from "./traits.ts";
