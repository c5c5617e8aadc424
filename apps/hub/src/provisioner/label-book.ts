import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { isObject } from "../agent/command-endpoints.ts";
import { readLabel } from "./label-text.ts";
import { RADIOS, type Radio, type Radios } from "./radios.ts";
import type { KnownLabel, Records } from "./records.ts";

/** A locker's devices that wait for one hub; the platform sends no more. */
const MOST_LABELS = 1000;
const RETRY = 30_000;

/**
 * The labels whose devices may come by themselves (simple and zero-touch setup): DEVICE_PROVISIONING brings them, each
 * radio is told those of its protocol that still wait.
 */
export function createLabelBook(deps: { radios: Radios; records: Records; clock: Clock; log: Logger }) {
  const { radios, records, clock, log } = deps;
  /** The pages of a whole list that has begun and not ended. */
  let pages: Map<string, KnownLabel> | undefined;
  const told = new Map<Radio, string>();
  const turns = new Map<Radio, Promise<void>>();
  const retries = new Map<Radio, () => void>();
  let stopped = false;

  function read(one: Json): KnownLabel | undefined {
    if (!isObject(one)) return undefined;
    const { managedThingId, authenticationMaterialType: materialType, authenticationMaterial } = one;
    if (typeof managedThingId !== "string" || typeof authenticationMaterial !== "string") return undefined;
    if (typeof materialType !== "string") return undefined;
    const text = readLabel(materialType, authenticationMaterial);
    if ("problem" in text) {
      log.warn({ managedThingId, materialType }, `the label of a managed thing ${text.problem}: it is passed over`);
      return undefined;
    }
    return { managedThingId, materialType, material: authenticationMaterial, ...text };
  }

  const waiting = (radio: Radio) =>
    records
      .labels()
      .filter(({ protocol, managedThingId }) => protocol.toLowerCase() === radio && !records.byThing(managedThingId))
      .map(({ managedThingId, protocol, materialType, material }) => ({
        ...{ managedThingId, protocol, materialType, material },
      }));

  async function tellRadio(radio: Radio): Promise<void> {
    const labels = waiting(radio);
    const text = JSON.stringify(labels);
    if (stopped || told.get(radio) === text) return;
    try {
      const { refused } = await radios[radio].provision({ labels });
      told.set(radio, text);
      for (const { managedThingId, reason } of refused) {
        log.warn({ managedThingId, radio, reason }, "the radio cannot use the label of a managed thing");
      }
    } catch (error) {
      // A hub without this radio has none of its labels either, as a rule.
      if (labels.length > 0) log.warn({ radio, error: messageOf(error) }, "the radio could not be told its labels");
      retries.get(radio)?.();
      if (!stopped)
        retries.set(
          radio,
          clock.after(RETRY, () => provision(radio)),
        );
    }
  }

  function provision(radio: Radio): void {
    const turn = (turns.get(radio) ?? Promise.resolve()).then(() => tellRadio(radio));
    turns.set(radio, turn);
    void turn.then(() => {
      if (turns.get(radio) === turn) turns.delete(radio);
    });
  }

  return {
    /** DEVICE_PROVISIONING: a page of the whole list, from `first` to `complete`, or what has changed in it. */
    async take(message: JsonObject): Promise<void> {
      const { first, complete } = message;
      const devices = Array.isArray(message["devices"]) ? message["devices"] : [];
      const removed = Array.isArray(message["removed"]) ? message["removed"] : [];
      const brought = devices.flatMap((one) => read(one) ?? []);
      await records.editLabels((labels) => {
        if (first === true) pages = new Map();
        const known = new Map(labels.map((label) => [label.managedThingId, label]));
        for (const list of pages ? [known, pages] : [known]) {
          for (const id of removed) if (typeof id === "string") list.delete(id);
          for (const label of brought) if (list.size < MOST_LABELS) list.set(label.managedThingId, label);
        }
        // What is new may come at once; what is missing goes when the list is whole.
        const whole = complete === true && pages ? pages : known;
        if (complete === true) pages = undefined;
        return [...whole.values()];
      });
      for (const radio of RADIOS) provision(radio);
    },

    /** After a removal: the label of a thing that is gone lets nobody in. */
    async removed(managedThingId: string): Promise<void> {
      if (records.byThing(managedThingId)) return;
      await records.dropLabel(managedThingId);
      for (const radio of RADIOS) provision(radio);
    },

    /** Tells the radios what has changed. */
    changed(): void {
      for (const radio of RADIOS) provision(radio);
    },

    /** A radio that has just come up knows nothing. */
    forgotBy(radio: Radio): void {
      told.delete(radio);
      provision(radio);
    },

    async settled(): Promise<void> {
      while (turns.size > 0) await Promise.all(turns.values());
    },

    stop(): void {
      stopped = true;
      for (const cancel of retries.values()) cancel();
    },
  };
}
