import type { JsonObject } from "@hearth/device-sdk";
import type { NativePort } from "../cdmb/command.ts";
import { type NativeChange, refKey } from "../cdmb/conversion.ts";
import { ActionError } from "../plugins/action-error.ts";
import type { ZWaveEndpoint } from "./cdmb/endpoint.ts";
import { rawClassesKey, rawCommand, rawSend } from "./cdmb/radio-cluster.ts";
import type { DeviceModel, View } from "./device-model.ts";
import { RadioGoneError, RefusedError, type ZWaveDpk } from "./dpk/dpk.ts";

interface PortOptions {
  dpk: ZWaveDpk;
  model: DeviceModel;
  /** Milliseconds that are left. */
  left: () => number;
  /** Values that came as answers. */
  onValues(view: View, changes: readonly NativeChange[]): void;
}

/** The tables' steps as requests to the node. */
export function createPort({ dpk, model, left, onValues }: PortOptions): NativePort<ZWaveEndpoint> {
  const at = (view: View, commandClass: unknown) => ({
    nodeId: model.nodeId,
    endpoint: view.native.index,
    commandClass: Number(commandClass),
  });
  return {
    values: model.values,
    async read(view, refs) {
      const changes: NativeChange[] = [];
      for (const ref of refs) {
        const known = model.values(view).get(refKey(ref));
        if (refKey(ref) === rawClassesKey) changes.push({ ref, value: known ?? [] });
        else {
          const target = { ...at(view, ref["commandClass"]), name: String(ref["value"]) };
          const value = await asAction(() => dpk.read(target, left()));
          if (value !== undefined) changes.push({ ref, value });
        }
      }
      onValues(view, changes);
      return changes;
    },
    async write(view, writes) {
      for (const { ref, value } of writes) {
        const target = { ...at(view, ref["commandClass"]), name: String(ref["value"]) };
        await asAction(() => dpk.write(target, value, left()));
      }
    },
    async invoke(view, ref, parameters): Promise<JsonObject> {
      if (refKey(ref) === refKey(rawSend)) {
        const { payload, ...raw } = rawCommand(view.native, parameters);
        await asAction(() => dpk.send({ ...at(view, raw.commandClass), command: raw.command }, payload, left()));
      } else {
        const target = { ...at(view, ref["commandClass"]), command: String(ref["command"]) };
        await asAction(() => dpk.command(target, parameters, left()));
      }
      return {};
    },
  };
}

/** Errors of the stack as response codes. */
async function asAction<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ActionError || !(error instanceof Error)) throw error;
    if (error instanceof RadioGoneError) throw new ActionError("NoRadio", error.message, 503);
    if (error instanceof RefusedError) throw new ActionError("Refused", error.message, 500);
    throw new ActionError("Timeout", `the device has not answered (${error.message})`, 504);
  }
}
