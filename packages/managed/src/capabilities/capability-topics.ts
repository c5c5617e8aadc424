import { onConflictAgain } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { describeViolation, parseCapabilityReport } from "@hearth/data-model";
import type { Outcome, ReservedTopic } from "@hearth/iot";
import { capabilitiesOutcome } from "../device/device-messages.ts";
import { isLocked, LOCKED } from "../device/locked.ts";
import { isOwnDevice } from "../device/own-device.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { StoreReport } from "./store-report.ts";

/** A report of 40 endpoints with 40 capabilities fits; anything larger is not one (reference 4.4). */
const MAX_REPORT_BYTES = 128 * 1024;

const parse = (payload: Uint8Array): unknown => {
  if (payload.byteLength > MAX_REPORT_BYTES) throw new Error(`larger than ${MAX_REPORT_BYTES} bytes`);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
};

/** `$aws/managed-integrations/{id}/capabilities`: a device says what it can do; the first time activates it. */
export function capabilityTopics(deps: {
  clock: Clock;
  log: Logger;
  things: ThingStore;
  schemaSets: SchemaSets;
  storeReport: StoreReport;
}): ReservedTopic[] {
  const { clock, log, things, schemaSets, storeReport } = deps;

  return [
    {
      filter: "$aws/managed-integrations/+/capabilities",
      deliver: false,
      async handle([id = ""], message, publisher): Promise<Outcome> {
        const device = { accountId: message.accountId, id };
        const refuse = (code: number, why: string): Outcome => {
          log.info({ managedThingId: id, why }, "capability report refused");
          return { reply: [capabilitiesOutcome(device, { accepted: false, code, message: why }, clock.now())] };
        };
        let document: unknown;
        try {
          document = parse(message.payload);
        } catch (error) {
          return refuse(400, `not a JSON document: ${messageOf(error)}`);
        }
        return onConflictAgain(async () => {
          const thing = await things.get(publisher, id);
          if (!thing || !isOwnDevice(thing, publisher)) return refuse(404, "Managed Thing resource not found.");
          if (thing.status === "DELETE_IN_PROGRESS") return refuse(409, "The managed thing is being deleted.");
          const parsed = parseCapabilityReport(document, await schemaSets.of(thing));
          if ("violations" in parsed) return refuse(400, parsed.violations.map(describeViolation).join("; "));
          const publish = await storeReport(thing, parsed.report);
          return { publish, reply: [capabilitiesOutcome(device, { accepted: true }, clock.now())] };
        }).catch((error: unknown) => {
          if (isLocked(error)) return refuse(LOCKED.code, LOCKED.message);
          throw error;
        });
      },
    },
  ];
}
