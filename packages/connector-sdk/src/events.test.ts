import { type ServiceModel, services, validate } from "@hearth/contract";
import { describe, expect, it } from "vitest";
import { connectorEvents } from "./events.ts";
import type { DiscoveredDevice } from "./handlers.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:lamp";

const model = services["iot-managed-integrations"] as ServiceModel;

/** The platform as far as a connector sees it; what it takes is checked against the contract. */
function platform(connectors: { Id: string }[] = [{ Id: "c-1" }]) {
  const asked: string[] = [];
  const events: Record<string, unknown>[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(url);
    asked.push(`${init.method} ${pathname}`);
    if (pathname === "/cloud-connectors") {
      expect(searchParams.get("LambdaArn")).toBe(ARN);
      return Response.json({ Items: connectors });
    }
    const event = { ...JSON.parse(String(init.body)), ConnectorId: pathname.split("/").at(-1) };
    expect(validate(model, "SendConnectorEventRequest", event)).toEqual([]);
    events.push(event);
    return Response.json({ ConnectorId: event.ConnectorId }, { status: 202 });
  };
  const options = {
    ...{ endpoint: "http://platform.example", region: "us-east-1", fetch },
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
  };
  return { asked, events, options };
}

const lamp = (n: number): DiscoveredDevice => ({
  id: `lamp-${n}`,
  name: `Mia's lamp "${n}"`,
  report: {
    endpoints: [{ id: "1", deviceTypes: ["Lamp"], capabilities: [{ id: "matter.OnOff@1.4", properties: ["OnOff"] }] }],
  },
});
const colours = Array.from({ length: 7 }, () => ({ id: "matter.OnOff@1.4", properties: { OnOff: true } }));

describe("events of a connector", () => {
  it("find the connector once, by its function", async () => {
    const { asked, events, options } = platform();
    const tell = connectorEvents({ ...options, functionArn: ARN });
    const event = { connectorDeviceId: "lamp-1", endpoints: [{ id: "1", capabilities: colours.slice(0, 1) }] };
    await tell.deviceEvent(event);
    await tell.deviceEvent({ ...event, userId: "u-alice" });
    expect(asked).toEqual(["GET /cloud-connectors", "POST /connector-event/c-1", "POST /connector-event/c-1"]);
    expect(events[1]).toEqual({
      ...{ ConnectorId: "c-1", UserId: "u-alice", Operation: "DEVICE_EVENT", OperationVersion: "1.0" },
      ConnectorDeviceId: "lamp-1",
      MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", attributes: { "0x0000": true } }] },
    });
  });

  it("say what is missing when the connector cannot be found", async () => {
    const event = { connectorDeviceId: "lamp-1", endpoints: [{ id: "1", capabilities: colours.slice(0, 1) }] };
    const none = platform([]);
    const tell = connectorEvents({ ...none.options, functionArn: ARN });
    await expect(tell.deviceEvent(event)).rejects.toThrow(/CreateCloudConnector/);
    await expect(connectorEvents(platform().options).deviceEvent(event)).rejects.toThrow(/functionArn/);
    const two = platform([{ Id: "c-1" }, { Id: "c-2" }]);
    await expect(connectorEvents({ ...two.options, functionArn: ARN }).deviceEvent(event)).rejects.toThrow(
      /connectorId/,
    );
  });

  it("keep within what the model allows: pages, clusters, names and messages", async () => {
    const { events, options } = platform();
    const tell = connectorEvents({ ...options, connectorId: "c-1" });
    const devices = Array.from({ length: 120 }, (_, n) => lamp(n));
    await tell.discovered({ deviceDiscoveryId: "d1", devices, more: false });
    expect(events.map((event) => [(event["Devices"] as unknown[]).length, event["StatusCode"]])).toEqual([
      [50, 302],
      [50, 302],
      [20, 200],
    ]);
    expect(events[0]).toMatchObject({
      Devices: Array.from({ length: 50 }, (_, n) => ({ ConnectorDeviceName: `Mia s lamp ${n}` })),
    });
    events.length = 0;
    await tell.discovered({ deviceDiscoveryId: "d1", devices: [], more: true });
    await tell.discoveryFailed({ deviceDiscoveryId: "d1", statusCode: 599, message: "it's <html>" });
    expect(events).toMatchObject([
      { StatusCode: 302, Devices: [] },
      { StatusCode: 550, Message: "it s html" },
    ]);
    events.length = 0;
    const endpoints = [{ id: "1", capabilities: colours }];
    await tell.commandResponse({ connectorDeviceId: "lamp-1", traceId: "t", message: "it's done", endpoints });
    expect(events.map(({ MatterEndpoint }) => (MatterEndpoint as { clusters: unknown[] }).clusters.length)).toEqual([
      5, 2,
    ]);
    await tell.commandRequest({
      connectorDeviceId: "lamp-1",
      commands: [
        { endpointId: "1", capability: "matter.OnOff@1.4", action: "On", parameters: {} },
        { endpointId: "1", capability: "matter.OnOff@1.4", action: "UpdateState", parameters: { OnTime: 3 } },
      ],
    });
    expect(events.at(-1)).toMatchObject({
      MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", commands: { "0x01": {}, "0xff01": { "0x4001": 3 } } }] },
    });
  });
});
