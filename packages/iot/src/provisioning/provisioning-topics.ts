import type { Logger } from "@hearth/base";
import { jsonMessage } from "../messaging/json-message.ts";
import type { Message, Outcome, Publisher, ReservedTopic } from "../messaging/message.ts";
import type { Ownership } from "./ownership.ts";
import { type ProvisioningAnswer, ProvisioningRefused, type ProvisioningRequest, refusalOf } from "./provisioning.ts";
import { isObject } from "./template-functions.ts";

/** The reserved topics of fleet provisioning (reference 2 and 6), JSON only. Answers go to the requester alone. */
export interface ProvisioningTopicsDeps {
  ownership: Ownership;
  provision(request: ProvisioningRequest): Promise<ProvisioningAnswer>;
  log: Logger;
}

type Payload = Readonly<Record<string, unknown>>;

const LONGEST_REQUEST = 4096;
const LONGEST_TOKEN = 1024;
const MOST_PARAMETERS = 100;
/** Characters of a parameter: a certificate in PEM has room. */
const LONGEST_PARAMETER = 16_384;
const CLIENT_TOKEN = /^[a-zA-Z0-9=_-]{1,64}$/;

const malformed = (message: string) => new ProvisioningRefused(400, "InvalidPayload", message);

export function createProvisioningTopics({ ownership, provision, log }: ProvisioningTopicsDeps): ReservedTopic[] {
  const topic = (
    filter: string,
    answer: (levels: readonly string[], payload: Payload, publisher: Publisher) => Promise<object>,
  ): ReservedTopic => ({
    filter,
    deliver: false,
    async handle(levels, message, publisher): Promise<Outcome> {
      const reply = (outcome: "accepted" | "rejected", body: object): Outcome => ({
        reply: [jsonMessage(publisher.accountId, `${message.topic}/${outcome}`, body)],
      });
      try {
        return reply("accepted", await answer(levels, readPayload(message), publisher));
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) log.error({ err: error, topic: message.topic }, "provisioning failed");
        else log.info({ topic: message.topic, clientId: publisher.clientId, ...refusal }, "provisioning refused");
        return reply(
          "rejected",
          refusal ?? { statusCode: 500, errorCode: "InternalFailure", errorMessage: "Internal failure" },
        );
      }
    },
  });

  return [
    topic("$aws/certificates/create/json", async (_, payload, publisher) => {
      // Our addition to AWS's empty payload: with a client token a lost answer can be had again.
      const clientToken = payload["clientToken"];
      if (clientToken !== undefined && !(typeof clientToken === "string" && CLIENT_TOKEN.test(clientToken))) {
        throw malformed("clientToken must match [a-zA-Z0-9=_-]{1,64}");
      }
      const who = `${publisher.accountId}/${publisher.clientId}`;
      return ownership.createWithKey(publisher, publisher.principalId, who, clientToken as string | undefined);
    }),

    topic("$aws/certificates/create-from-csr/json", async (_, payload, publisher) => {
      const request = textOf(payload, "certificateSigningRequest", LONGEST_REQUEST);
      return ownership.createFromRequest(publisher, publisher.principalId, request);
    }),

    topic("$aws/provisioning-templates/+/provision/json", async ([templateName = ""], payload, publisher) =>
      provision({
        at: { accountId: publisher.accountId, region: publisher.region },
        templateName,
        principalId: publisher.principalId,
        claimCertificateId: publisher.certificateId,
        clientId: publisher.clientId ?? "",
        ownershipToken: textOf(payload, "certificateOwnershipToken", LONGEST_TOKEN),
        parameters: parametersOf(payload["parameters"]),
      }),
    ),
  ];
}

function readPayload(message: Message): Payload {
  if (message.payload.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(message.payload).toString("utf8"));
  } catch {
    throw malformed("The payload is not JSON");
  }
  if (!isObject(value)) throw malformed("The payload is not a JSON object");
  return value;
}

function textOf(payload: Payload, name: string, longest: number): string {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  if (typeof value !== "string" || value === "" || value.length > longest) {
    throw malformed(`${name} must be a text of at most ${longest} characters`);
  }
  return value;
}

function parametersOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw malformed("parameters must be an object");
  const entries = Object.entries(value);
  if (entries.length > MOST_PARAMETERS) throw malformed(`more than ${MOST_PARAMETERS} parameters`);
  const parameters: Record<string, string> = {};
  for (const [name, parameter] of entries) {
    if (name === "__proto__") throw malformed("__proto__ is not a parameter");
    if (typeof parameter !== "string" || parameter.length > LONGEST_PARAMETER) {
      throw malformed(`The parameter ${name.slice(0, 128)} must be a text of at most ${LONGEST_PARAMETER} characters`);
    }
    parameters[name] = parameter;
  }
  return parameters;
}
