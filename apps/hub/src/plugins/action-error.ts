/**
 * What a command to a device behind the hub ends with. The device SDK's of the same name brings the whole SDK with it, which
 * a radio's process has no use for.
 */
export class ActionError extends Error {
  /** Machine-readable reason, `errors[].code` of the response. */
  readonly code: string;
  /** HTTP status of the action, not 2xx. */
  readonly responseCode: number;

  constructor(code: string, message: string, responseCode = 500) {
    super(message);
    this.name = "ActionError";
    this.code = code;
    this.responseCode = responseCode;
  }
}
