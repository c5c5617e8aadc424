import { formatArn } from "@hearth/base";
import type { EventLogConfigurationStore } from "../event-logs/event-log-configuration-store.ts";
import type { ServiceRoleUses } from "../service-role.ts";
import type { RuntimeLogStore } from "./runtime-log-store.ts";

/** Enough to say what is in the way. */
const MOST_NAMED = 100;

/** The log configurations of an account, under which the platform writes logs as its service-linked role. */
export const logConfigurationsOf =
  (stores: {
    eventLogs: Pick<EventLogConfigurationStore, "ofAccount">;
    runtimeLogs: Pick<RuntimeLogStore, "ofAccount">;
  }): ServiceRoleUses =>
  async (accountId) => {
    const use = (kind: string) => (found: { region: string; id: string }) => ({
      region: found.region,
      arn: formatArn("iotmanagedintegrations", found.region, accountId, `${kind}/${found.id}`),
    });
    const events = await stores.eventLogs.ofAccount(accountId, MOST_NAMED);
    const things = await stores.runtimeLogs.ofAccount(accountId, MOST_NAMED);
    return [...events.map(use("event-log-configuration")), ...things.map(use("runtime-log-configuration"))];
  };
