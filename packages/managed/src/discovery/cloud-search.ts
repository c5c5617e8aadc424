import { type Database, type Outbox, onConflictAgain, type Write } from "@hearth/backplane";
import { connectorArn } from "../connectors/cloud-connector.ts";
import type { ConnectorCaller } from "../connectors/connector-call.ts";
import { connectorErrorReport, connectorGone, connectorGroups, connectorLane } from "../connectors/error-report.ts";
import type { ReachConnector } from "../connectors/reach-connector.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import type { Discoveries } from "./discoveries.ts";
import { type DeviceDiscovery, discoveryArn } from "./discovery.ts";
import type { DiscoveryStore } from "./discovery-store.ts";

const CONSUMER = "connector-discovery";

export type CloudSearch = ReturnType<typeof createCloudSearch>;

/**
 * Asks connectors to look for devices (reference 9.6). The acknowledgement says nothing of what there is: pages come
 * by SendConnectorEvent, and without them the job's time runs out.
 */
export function createCloudSearch(deps: {
  database: Database;
  outbox: Outbox;
  discoveries: Pick<DiscoveryStore, "get">;
  jobs: Pick<Discoveries, "end">;
  reachConnector: ReachConnector;
  caller: ConnectorCaller;
  notifier: Pick<Notifier, "write" | "wake">;
}) {
  const { database, outbox, discoveries, jobs, reachConnector, caller, notifier } = deps;

  outbox.consume(
    CONSUMER,
    async (message) => {
      const { accountId, region, id } = message as Place & { id: string };
      const place = { accountId, region };
      const discovery = await discoveries.get(place, id);
      if (discovery?.status !== "RUNNING") return;
      const reached = await reachConnector(place, discovery.associationId ?? "");
      const request = { operationName: "AWS.DiscoverDevices" as const, deviceDiscoveryId: id };
      const outcome = reached && (await caller.call({ ...reached, request }));
      if (outcome?.ok) return;
      const failure = outcome ?? connectorGone;
      await onConflictAgain(async () => {
        const now = await discoveries.get(place, id);
        if (now?.status !== "RUNNING") return;
        const about = { ...place, id, arn: reached ? connectorArn(reached.connector) : discoveryArn(now) };
        await database.commit([
          ...(await jobs.end(now, "FAILED", failure.message)),
          ...(await notifier.write(about, [connectorErrorReport(reached?.connector, request, failure)])),
        ]);
      });
      notifier.wake();
    },
    connectorGroups,
  );

  return {
    /** For the batch that begins the job. */
    async queue(discovery: DeviceDiscovery): Promise<Write[]> {
      const { accountId, region, id } = discovery;
      const reached = await reachConnector(discovery, discovery.associationId ?? "");
      const lane = reached ? connectorLane(reached.connector, accountId, id) : id;
      return [outbox.write(CONSUMER, lane, { accountId, region, id })];
    },
  };
}
