/**
 * Modelled errors that no request can provoke in a healthy Hearth, so that no test through the door is asked to show
 * them: `Error` everywhere, `service/Error` in one service, `service/Operation/Error` in one operation. An entry is a
 * claim: who makes Hearth raise one of them takes it out here.
 */
export const unraisableErrors: Readonly<Record<string, string>> = {
  InternalException: "a defect of the platform, never raised on purpose",
  InternalFailure: "a defect of the platform, never raised on purpose",
  InternalFailureException: "a defect of the platform, never raised on purpose",
  InternalServerException: "a defect of the platform, never raised on purpose",
  ServerInternalException: "a defect of the platform, never raised on purpose",
  ServiceFailureException: "a defect of the platform, never raised on purpose",
  ServiceUnavailableException: "the store or the platform is away, not what a request asks for",
  ThrottlingException: "request rates are not limited",
};
