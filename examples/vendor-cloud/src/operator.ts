import type { Devices, DeviceView } from "./devices/devices.ts";
import type { DeviceType } from "./devices/state.ts";
import type { FaultSwitches, Faults } from "./faults.ts";
import { type JsonObject, Refusal } from "./http.ts";
import type { TokenStore } from "./oauth/token-store.ts";
import { checkTokenRules, type TokenRules } from "./options.ts";
import type { Users } from "./users.ts";

const TYPES: readonly string[] = ["lamp", "fan", "camera"];

export type Operator = ReturnType<typeof createOperator>;

/** What only the operator does; the door on 127.0.0.1 offers the same. */
export function createOperator(deps: {
  users: Users;
  devices: Devices;
  store: TokenStore;
  faults: FaultSwitches;
  rules: TokenRules;
}) {
  const { users, devices, store, faults } = deps;
  let rules = deps.rules;

  const known = (userId: string): void => {
    if (!users.find(userId)) throw new Refusal(404, "unknown_user", "there is no user of that id");
  };

  return {
    faults: (): Faults => faults.get(),
    /** Switches faults on, beside those that are on already. */
    setFaults: (more: Faults): void => faults.add(more),
    clearFaults: (): void => faults.clear(),
    tokenRules: (): TokenRules => rules,
    /** For tokens from now on; those that are out keep their life times. */
    setTokenRules(change: Partial<TokenRules>): TokenRules {
      rules = checkTokenRules(change, rules);
      return rules;
    },
    /** What happens at a device: `{on: true}`, `{motion: true}`, `{online: false}`. */
    simulate: (deviceId: string, change: JsonObject): DeviceView => devices.happen(deviceId, change),
    addDevices(userId: string, type: DeviceType, count: number): void {
      known(userId);
      if (!TYPES.includes(type)) throw new Refusal(400, "bad_type", `there are ${TYPES.join(", ")}`);
      devices.add(userId, type, count);
    },
    removeDevice: (deviceId: string): void => devices.remove(deviceId),
    devices: (userId: string): DeviceView[] => devices.list(userId).devices,
    /** Ends the user's refresh tokens, or all tokens, as a vendor does whose user changed the password. */
    revokeTokens(userId: string, which: "refresh" | "all" = "refresh"): number {
      known(userId);
      return store.revoke(userId, which);
    },
  };
}
