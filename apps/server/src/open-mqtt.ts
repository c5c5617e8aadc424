import type { Socket } from "node:net";
import { type DeviceDirectory, namedPolicyPermissions } from "@hearth/auth";
import type { Bus } from "@hearth/backplane";
import type { Logger } from "@hearth/base";
import type { ConnectionIdentity } from "@hearth/broker";
import { permissionsChanged, policyDeleted } from "@hearth/iot";
import type { ClientIds } from "@hearth/managed";
import { type Configuration, ConfigurationError } from "./configuration.ts";

/** What lifecycle events say stands behind a connection of the open port. */
const PRINCIPAL_ID = "open-mqtt";

/** The open MQTT port: who its connections are, which is nobody, and what a person must be told of it. */
export interface OpenMqtt {
  identity(socket: Socket): ConnectionIdentity;
  /** What it is, and what is wrong with its policy. */
  warnings(port: number): Promise<string[]>;
}

/**
 * Undefined while no open port is configured.
 * @throws ConfigurationError when there is a port without a policy
 */
export function openMqttOf(
  configuration: Pick<Configuration, "openMqttPort" | "openMqttPolicy" | "accountId" | "region">,
): { policyName: string; accountId: string; region: string } | undefined {
  const { openMqttPort, openMqttPolicy, accountId, region } = configuration;
  if (openMqttPort === undefined) return undefined;
  if (openMqttPolicy === undefined) {
    throw new ConfigurationError(
      "HEARTH_OPEN_MQTT_PORT opens MQTT to every program on this machine: set HEARTH_OPEN_MQTT_POLICY to the name of the IoT policy that says what those may do.",
    );
  }
  return { policyName: openMqttPolicy, accountId, region };
}

/** Its connections are authorized packet by packet like a device's; the policy is the only difference. */
export function createOpenMqtt(
  open: { policyName: string; accountId: string; region: string },
  deps: { directory: Pick<DeviceDirectory, "policy">; clientIds: ClientIds; bus: Bus; log: Logger },
): OpenMqtt {
  const { policyName, accountId, region } = open;
  // A new version tells every connection of the account; that a policy is gone, only the certificates that had it.
  deps.bus.subscribe(policyDeleted, (gone) => {
    const ours = gone.accountId === accountId && gone.region === region && gone.policyName === policyName;
    if (ours) deps.bus.publish(permissionsChanged, { accountId });
  });
  return {
    identity(socket) {
      const sourceIp = socket.remoteAddress ?? "";
      return {
        accountId,
        region,
        principalId: PRINCIPAL_ID,
        sourceIp,
        async permissionsFor(clientId) {
          // No certificate is the device's own.
          const at = { accountId, region, clientId };
          if (await deps.clientIds.belongsToAnother({ ...at, certificateId: "" })) {
            return { allows: () => ({ allowed: false, reason: "the client id is a device's" }) };
          }
          return namedPolicyPermissions(deps.directory, { ...at, policyName, sourceIp });
        },
      };
    },
    async warnings(port) {
      const said = [
        `the open MQTT port mqtt://127.0.0.1:${port} has no TLS and no authentication: every program on this machine may do there what the policy ${policyName} allows.`,
      ];
      if (!(await deps.directory.policy(accountId, region, policyName))) {
        said.push(`there is no policy ${policyName} yet: until it is created, the open MQTT port refuses everybody.`);
      }
      for (const line of said) deps.log.warn({ port, policyName }, line);
      return said;
    },
  };
}
