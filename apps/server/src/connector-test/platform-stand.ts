import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ManagedIntegrations, type ServiceModel, services, validate, validationMessage } from "@hearth/contract";
import {
  type CapabilityReport,
  describeViolation,
  fromMatterCommand,
  fromMatterReport,
  fromMatterState,
  validateDeviceMessage,
} from "@hearth/data-model";
import { signatureProblem } from "./signature.ts";

type ConnectorEvent = ManagedIntegrations.SendConnectorEventRequest;

type MessageEvent = ConnectorEvent & { Operation: Exclude<ConnectorEvent["Operation"], "DEVICE_DISCOVERY"> };

/** What the connector has told the platform, and what the platform would have said to it. */
export interface Told {
  event: ConnectorEvent;
  /** Undefined: it was taken. */
  refusal?: string;
}

export interface PlatformStand {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** In the order in which they came. */
  told: Told[];
  /** What was wrong with requests that are no event at all. */
  problems: string[];
  /** Of the devices that were told of, by their ids. */
  reports: Map<string, CapabilityReport>;
  /** Resolves to the first event from the `from`th on that fits; undefined when none comes in time. */
  waitFor(fits: (told: Told) => boolean, from: number, milliseconds: number): Promise<Told | undefined>;
  stop(): Promise<void>;
}

const LARGEST_BODY = 8 * 1024 * 1024;
const MOST_KEPT = 10_000;
const model = services["iot-managed-integrations"] as ServiceModel;

/** The platform as a connector sees it: SendConnectorEvent, ListCloudConnectors, and Invoke of the function itself. */
export async function startPlatformStand(deps: {
  connectorId: string;
  functionArn: string;
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** The function is to be invoked once more, and nobody waits. */
  invokeAgain: (payload: Buffer) => void;
}): Promise<PlatformStand> {
  const told: Told[] = [];
  const problems: string[] = [];
  const reports = new Map<string, CapabilityReport>();
  const over = new Set<string>();
  const waiting = new Set<() => void>();

  /** Why the platform would not take the event. */
  function refusalOf(event: ConnectorEvent): string | undefined {
    const violations = validate(model, "SendConnectorEventRequest", event);
    if (violations.length > 0) return validationMessage(violations);
    if (event.ConnectorId !== deps.connectorId) return `there is no connector ${event.ConnectorId}`;
    const { Operation } = event;
    return Operation === "DEVICE_DISCOVERY" ? refusalOfPage(event) : refusalOfMessage({ ...event, Operation });
  }

  function refusalOfPage({
    DeviceDiscoveryId: id,
    StatusCode: code,
    Devices = [],
  }: ConnectorEvent): string | undefined {
    if (id === undefined || code === undefined)
      return "DeviceDiscoveryId and StatusCode are required with DEVICE_DISCOVERY";
    if (over.has(id)) return `the discovery ${id} is over`;
    for (const [i, { ConnectorDeviceId, CapabilityReport: matter }] of Devices.entries()) {
      const converted = fromMatterReport(matter);
      if ("violations" in converted) {
        return `Devices[${i}].CapabilityReport: ${converted.violations.map(describeViolation).join("; ")}`;
      }
      reports.set(ConnectorDeviceId, converted.report);
    }
    if (code < 300 || code >= 400) over.add(id);
    return undefined;
  }

  function refusalOfMessage(event: MessageEvent): string | undefined {
    const { Operation, ConnectorDeviceId: deviceId, MatterEndpoint, TraceId: traceId } = event;
    if (deviceId === undefined) return `ConnectorDeviceId is required with ${Operation}`;
    if (Operation === "DEVICE_COMMAND_RESPONSE" && traceId === undefined)
      return `TraceId is required with ${Operation}`;
    if (MatterEndpoint === undefined) {
      return Operation === "DEVICE_COMMAND_RESPONSE" ? undefined : `MatterEndpoint is required with ${Operation}`;
    }
    const report = reports.get(deviceId);
    // A device that no discovery has told of is not registered, so nothing is known of it.
    if (!report) return Operation === "DEVICE_COMMAND_RESPONSE" ? undefined : `there is no device ${deviceId}`;
    const convert = Operation === "DEVICE_COMMAND_REQUEST" ? fromMatterCommand : fromMatterState;
    const converted = convert([MatterEndpoint], { report });
    if ("violations" in converted) return converted.violations.map(describeViolation).join("; ");
    const message = { messageType: Operation, timestamp: new Date().toISOString(), eventNumber: 1, traceId };
    const violations = validateDeviceMessage(report, { ...message, endpoints: converted.endpoints });
    return violations.length > 0 ? violations.map(describeViolation).join("; ") : undefined;
  }

  function keep(one: Told): void {
    if (told.length < MOST_KEPT) told.push(one);
    for (const look of waiting) look();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { method = "", url: target = "", headers } = request;
    const answer = (status: number, content: object, error?: string) => {
      response.writeHead(status, {
        "content-type": "application/json",
        ...(error ? { "x-amzn-errortype": error } : {}),
      });
      response.end(JSON.stringify(content));
    };
    const refuse = (status: number, name: string, message: string) => answer(status, { message }, name);
    const path = target.split("?")[0] ?? "";
    const problem = signatureProblem({ method, target, headers, body }, deps.keys);
    const [, connectorId] = /^\/connector-event\/([^/]+)$/.exec(path) ?? [];
    if (problem !== undefined) {
      problems.push(`${method} ${path}: ${problem}`);
      return refuse(403, "AccessDeniedException", problem);
    }
    if (method === "POST" && connectorId !== undefined) {
      const event = eventOf(body, decodeURIComponent(connectorId));
      if (typeof event === "string") {
        problems.push(`${method} ${path}: ${event}`);
        return refuse(400, "ValidationException", event);
      }
      const refusal = refusalOf(event);
      keep({ event, ...(refusal === undefined ? {} : { refusal }) });
      if (refusal !== undefined) return refuse(400, "ValidationException", refusal);
      return answer(202, { ConnectorId: connectorId });
    }
    if (method === "GET" && path === "/cloud-connectors") {
      const item = { Name: "connector", Id: deps.connectorId, EndpointConfig: { lambda: { arn: deps.functionArn } } };
      return answer(200, { Items: [item] });
    }
    if (method === "POST" && /^\/2015-03-31\/functions\/[^/]+\/invocations$/.test(path)) {
      if (headers["x-amz-invocation-type"] !== "Event")
        return refuse(400, "InvalidParameterValueException", "Event only");
      deps.invokeAgain(body);
      return answer(202, {});
    }
    problems.push(`${method} ${path}: the platform has no such operation for connectors`);
    refuse(404, "ResourceNotFoundException", "there is nothing here");
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    problems,
    reports,
    waitFor(fits, from, milliseconds) {
      return new Promise((resolve) => {
        const done = (found: Told | undefined) => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const look = () => {
          const found = told.slice(from).find(fits);
          if (found) done(found);
        };
        const timer = setTimeout(() => done(undefined), milliseconds);
        waiting.add(look);
        look();
      });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function eventOf(body: Buffer, ConnectorId: string): ConnectorEvent | string {
  try {
    const event: unknown = JSON.parse(body.toString("utf8"));
    if (typeof event === "object" && event !== null && !Array.isArray(event))
      return { ...(event as ConnectorEvent), ConnectorId };
  } catch {
    // Said below.
  }
  return "the body of SendConnectorEvent is not a JSON object";
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) throw new Error("the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}
