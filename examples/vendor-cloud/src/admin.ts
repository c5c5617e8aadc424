import type { IncomingMessage, ServerResponse } from "node:http";
import type { DeviceType } from "./devices/state.ts";
import type { Faults } from "./faults.ts";
import { type JsonObject, Refusal, readJson, sendJson, sendRefusal } from "./http.ts";
import type { Operator } from "./operator.ts";
import { OptionsError, type TokenRules } from "./options.ts";

const MAX_BODY_BYTES = 65_536;

/**
 * The operator's door, plain HTTP on 127.0.0.1: the faults and what happens at the devices. Whoever is on this machine
 * may use it, web pages in a browser on it may not: their requests carry an Origin, or another Host.
 */
export function createAdmin(operator: Operator) {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (request.headers.origin !== undefined || !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ""))
      throw new Refusal(403, "not_local", "this door is for programs on this machine", { connection: "close" });
    const body = (): Promise<JsonObject> => readJson(request, MAX_BODY_BYTES);
    const [, first, second, third] = pathname.split("/");
    switch (`${request.method} /${first}${third === undefined ? "" : `/${third}`}`) {
      case "GET /faults":
        return sendJson(response, 200, operator.faults());
      case "POST /faults":
        operator.setFaults((await body()) as Faults);
        return sendJson(response, 200, operator.faults());
      case "DELETE /faults":
        operator.clearFaults();
        return sendJson(response, 200, {});
      case "GET /tokens":
        return sendJson(response, 200, operator.tokenRules());
      case "POST /tokens":
        return sendJson(response, 200, operator.setTokenRules((await body()) as Partial<TokenRules>));
    }
    if (request.method !== "POST" || first !== "simulate" || third === undefined)
      throw new Refusal(404, "unknown_path", "there is nothing here");
    const [, , , id = "", what] = pathname.split("/").map(decodeURIComponent);
    if (second === "devices" && what === undefined) return sendJson(response, 200, operator.simulate(id, await body()));
    if (second === "devices" && what === "remove") {
      operator.removeDevice(id);
      return sendJson(response, 204, undefined);
    }
    if (second === "users" && what === "devices") {
      for (const [type, count] of Object.entries(await body()))
        operator.addDevices(id, type as DeviceType, Number(count));
      return sendJson(response, 200, { total: operator.devices(id).length });
    }
    if (second === "users" && what === "revoke") {
      const { tokens = "refresh" } = await body();
      if (tokens !== "refresh" && tokens !== "all") throw new Refusal(400, "bad_tokens", "tokens is refresh or all");
      return sendJson(response, 200, { revoked: operator.revokeTokens(id, tokens) });
    }
    throw new Refusal(404, "unknown_path", "there is nothing here");
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error) =>
      sendRefusal(response, error instanceof OptionsError ? new Refusal(400, "bad_value", error.message) : error),
    );
  };
}
