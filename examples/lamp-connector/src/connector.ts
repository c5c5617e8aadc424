import { createHash } from "node:crypto";
import { type ConnectorHandlers, type UserRequest, VendorError } from "@hearth/connector-sdk";
import { capabilitiesOf, describe, parseDevice, type VendorDevice, vendorActionOf } from "./devices.ts";
import type { Vendor } from "./vendor.ts";

/** Of requests that come from here: the vendor's events about them need not be told again. */
export const REQUEST_PREFIX = "hearth-";
const PAGE = 50;
/** Of one user. */
const MOST_PAGES = 1_000;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** What the connector does at the vendor for the platform. */
export function lampConnector(vendor: Vendor): ConnectorHandlers {
  async function deviceOf({ token, signal }: UserRequest, id: string): Promise<VendorDevice> {
    const device = parseDevice(await vendor.call("GET", `/devices/${encodeURIComponent(id)}`, { token, signal }));
    if (!device) throw new VendorError(404, "the device is of a type that this connector does not know");
    return device;
  }

  return {
    async activateUser({ token, signal }) {
      const user = await vendor.call("GET", "/users/me", { token, signal });
      const id = isObject(user) ? user["id"] : undefined;
      if (typeof id !== "string" || !/^[\w.,@-]{1,64}$/.test(id))
        throw new VendorError(502, "the vendor told no user's id");
      return { userId: id };
    },

    async *discoverDevices({ token, signal }) {
      let path = `/devices?limit=${PAGE}`;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await vendor.call("GET", path, { token, signal });
        if (!isObject(answer) || !Array.isArray(answer["devices"])) {
          throw new VendorError(502, "the vendor answered something else than devices");
        }
        yield answer["devices"].flatMap((one) => {
          const device = parseDevice(one);
          return device ? [describe(device)] : [];
        });
        const { next } = answer;
        if (typeof next !== "string" || next === "") return;
        path = `/devices?cursor=${encodeURIComponent(next)}`;
      }
    },

    async sendCommand(request) {
      const { connectorDeviceId, traceId, commands, token, signal } = request;
      let device = await deviceOf(request, connectorDeviceId);
      const path = `/devices/${encodeURIComponent(device.id)}`;
      // All of them are understood before the first one is done.
      const actions = commands.map((command) => vendorActionOf(device, command));
      for (const [i, action] of actions.entries()) {
        if (action === "read") continue;
        const requestId = REQUEST_PREFIX + createHash("sha256").update(`${traceId} ${i}`).digest("hex").slice(0, 40);
        if ("change" in action) {
          await vendor.call("PATCH", `${path}/state`, { token, signal, requestId, body: action.change });
        } else await vendor.call("POST", `${path}/actions`, { token, signal, requestId, body: action });
      }
      if (actions.some((action) => action !== "read")) device = await deviceOf(request, connectorDeviceId);
      return { endpoints: [{ id: "1", capabilities: capabilitiesOf(device) }] };
    },

    async deactivateUser({ token, signal }) {
      // The vendor ends the refresh token of a link together with its access token.
      await vendor.call("POST", "/oauth/revoke", { form: { token, token_type_hint: "access_token" }, signal });
    },
  };
}
