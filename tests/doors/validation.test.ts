import { ServiceException } from "@hearth/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "./answers.ts";
import { type BadInput, badInputs } from "./bad-values.ts";
import { type Door, openDoor, SERVICES, type Service } from "./door.ts";
import { handled } from "./handled.ts";

/** By which names a bad member is refused: a wrong value, and one that cannot even be read. */
const REFUSED_AS: Readonly<Record<Service, readonly string[]>> = {
  "iot-managed-integrations": ["ValidationException", "InvalidRequestException"],
  iot: ["InvalidRequestException", "ValidationException"],
  "iot-data": ["InvalidRequestException"],
  "iot-jobs-data": ["InvalidRequestException", "ValidationException"],
  kinesis: ["ValidationException", "SerializationException"],
  iam: ["ValidationError"],
  sts: ["ValidationError"],
  kms: ["ValidationException", "SerializationException"],
  logs: ["InvalidParameterException", "SerializationException"],
  cloudtrail: ["ValidationException", "SerializationException"],
  lambda: ["ValidationException", "InvalidRequestContentException"],
  secretsmanager: ["ValidationException", "SerializationException"],
  hearth: ["ValidationException"],
};

const AT_ONCE = 8;

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

/** What is wrong with the answer to a bad input; undefined: it was refused as it must be. */
async function faultOf(service: Service, operation: string, bad: BadInput): Promise<string | undefined> {
  let refused: unknown;
  try {
    await door.call(service, operation, bad.input);
  } catch (error) {
    refused = error;
  }
  if (!refused) return `${bad.title}: accepted`;
  if (!(refused instanceof ServiceException)) return `${bad.title}: ${refused}`;
  const { name, status, message } = refused;
  const answer = `${bad.title}: ${status} ${name}: ${message.slice(0, 300)}`;
  if (status !== 400 || !REFUSED_AS[service].includes(name)) return answer;
  if (!message.toLowerCase().includes(bad.member.toLowerCase())) return `${answer} (does not name ${bad.member})`;
  if (bad.secret !== undefined && message.includes(bad.secret)) return `${answer} (repeats a sensitive value)`;
  return undefined;
}

const BUILT = SERVICES.filter((service) => handled[service].length > 0);

describe.each(BUILT)("%s", (service) => {
  const cases = handled[service].map((operation) => ({ operation, bad: badInputs(modelOf(service), operation) }));

  test.each(cases.filter(({ bad }) => bad.length > 0))("row 3: $operation refuses every bad member", async (one) => {
    const faults: (string | undefined)[] = [];
    for (let start = 0; start < one.bad.length; start += AT_ONCE) {
      const some = one.bad.slice(start, start + AT_ONCE);
      faults.push(...(await Promise.all(some.map((bad) => faultOf(service, one.operation, bad)))));
    }
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });
});
