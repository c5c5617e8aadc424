import { invalid } from "../errors.ts";
import type { Place } from "../place.ts";

/** The logical record of a connector: the function that translates between the platform and one third-party cloud (reference 9). */
export interface CloudConnector extends Place {
  id: string;
  name: string;
  description?: string;
  /** Whole, also when the caller gave the function's name alone. */
  lambdaArn: string;
  /** Only an administrator lists a connector (U31). */
  type: "UNLISTED" | "LISTED";
  /** Milliseconds. */
  createdAt: number;
  /** Grows with every change of the connector and with every destination that is made for it. */
  revision: number;
}

export const connectorArn = (connector: Place & { id: string }): string =>
  `arn:aws:iotmanagedintegrations:${connector.region}:${connector.accountId}:cloud-connector/${connector.id}`;

/** The whole ARN of a function that was given by its ARN or its name. */
export const functionArn = (place: Place, given: string): string =>
  given.startsWith("arn:") ? given : `arn:aws:lambda:${place.region}:${place.accountId}:function:${given}`;

/** @throws ValidationException when the function is another account's (reference 9.9, step 1) */
export function ownFunctionArn(place: Place, given: string): string {
  const arn = functionArn(place, given);
  const [, , , region, account] = arn.split(":");
  if (account !== place.accountId || region !== place.region) {
    throw invalid(
      `EndpointConfig.lambda.arn must name a function of this account and region (${place.accountId}, ${place.region}).`,
    );
  }
  return arn;
}
