export { ServiceError } from "./error.ts";
export type { AnyOperationTable, OperationBinding, OperationTable, Principal, RequestContext } from "./handlers.ts";
export type * from "./model.ts";
