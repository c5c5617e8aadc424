import { octets, u16 } from "../octets.ts";
import type { AttributeSpec, EndpointSpec } from "../zcl/cluster.ts";
import { type ClusterDeps, ClusterServer } from "../zcl/cluster-server.ts";
import { decodeZcl, encodeZcl, type ZclFrame, ZclStatus } from "../zcl/frame.ts";
import { generalCommands } from "../zcl/general-commands.ts";

/** The general command that tells a status where there is nothing else to tell (ZCL 2.5.12). */
const DEFAULT_RESPONSE = 0x0b;

/** An endpoint of a virtual device: its clusters, and the frames that come for them. */
export class Endpoint {
  readonly spec: EndpointSpec;
  readonly clusters: readonly ClusterServer[];

  constructor(spec: EndpointSpec, deps: Omit<ClusterDeps, "sibling">) {
    this.spec = spec;
    this.clusters = spec.server.map(
      (cluster) =>
        new ClusterServer(cluster, {
          ...deps,
          sibling: (name) => this.clusters.find((other) => other.spec.name === name),
        }),
    );
  }

  /** Simple descriptor (Zigbee specification 2.3.2.5). */
  simpleDescriptor(): Buffer {
    const { id, profile = 0x0104, device, version = 1, server, client = [] } = this.spec;
    const inputs = server.map((cluster) => u16(cluster.id));
    const outputs = client.map(u16);
    return octets(id, u16(profile), u16(device), version, inputs.length, ...inputs, outputs.length, ...outputs);
  }

  /** The answer to a frame, if it has one; what it changed is reported by `settle`. */
  receive(clusterId: number, octetsOfFrame: Buffer, unicast: boolean): Buffer | undefined {
    const frame = decodeZcl(octetsOfFrame);
    if (!frame) return undefined;
    const outcome = this.#execute(clusterId, frame);
    if (!unicast || outcome === undefined) return undefined;
    const { manufacturer, sequence } = frame;
    const answer = { ...(manufacturer === undefined ? {} : { manufacturer }), sequence, noDefaultResponse: true };
    if ("command" in outcome) return encodeZcl({ ...answer, ...outcome, fromServer: !frame.fromServer });
    const isDefaultResponse = !frame.specific && frame.command === DEFAULT_RESPONSE;
    if (isDefaultResponse || (outcome.status === ZclStatus.SUCCESS && frame.noDefaultResponse)) return undefined;
    const payload = octets(frame.command, outcome.status);
    return encodeZcl({
      ...answer,
      specific: false,
      command: DEFAULT_RESPONSE,
      payload,
      fromServer: !frame.fromServer,
    });
  }

  /** Reports what has changed and is due. */
  settle(): void {
    for (const cluster of this.clusters) cluster.settle();
  }

  #execute(
    clusterId: number,
    frame: ZclFrame,
  ): { specific: boolean; command: number; payload: Buffer } | { status: number } | undefined {
    // Answers and notifications of a server are for the clients here, which want nothing of them.
    if (frame.fromServer) return { status: ZclStatus.SUCCESS };
    const server = this.clusters.find(({ spec }) => spec.id === clusterId);
    if (!server) return { status: ZclStatus.UNSUPPORTED_CLUSTER };
    // No virtual device has a maker's own commands or attributes.
    if (frame.manufacturer !== undefined) return { status: ZclStatus.UNSUP_COMMAND };
    if (frame.specific) {
      const command = server.spec.commands?.find(({ id }) => id === frame.command);
      if (!command) return { status: ZclStatus.UNSUP_COMMAND };
      const { status, answer } = server.execute(command, frame.payload);
      return answer ? { specific: true, ...answer } : { status };
    }
    const general = generalCommands.get(frame.command);
    if (!general) return { status: ZclStatus.UNSUP_COMMAND };
    const outcome = general(server, frame.payload);
    return outcome && "command" in outcome ? { specific: false, ...outcome } : outcome;
  }

  find(cluster: string): ClusterServer | undefined {
    const id = Number(cluster);
    const name = cluster.toLowerCase();
    return this.clusters.find(({ spec }) => spec.name.toLowerCase() === name || spec.id === id);
  }

  /** Every attribute with its cluster. */
  *attributes(): Generator<[ClusterServer, AttributeSpec]> {
    for (const cluster of this.clusters) {
      for (const attribute of cluster.spec.attributes) yield [cluster, attribute];
    }
  }
}
