import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createClient, type ServiceOperations } from "./index.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Step = { status: number; body?: string } | "cut";

/** A client of a server that answers with these steps in turn, the last again and again. */
async function against<Service extends keyof ServiceOperations>(service: Service, steps: Step[], maxAttempts?: number) {
  const bodies: string[] = [];
  const signatures: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const step = steps[Math.min(bodies.length, steps.length - 1)] ?? "cut";
    bodies.push(body);
    signatures.push(request.headers["authorization"]);
    if (step === "cut") return request.socket.destroy();
    response.writeHead(step.status).end(step.body ?? "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const waits: number[] = [];
  const client = createClient(service, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
    wait: async (milliseconds) => void waits.push(milliseconds),
    ...(maxAttempts !== undefined && { maxAttempts }),
  });
  return { client, bodies, waits };
}

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "success",
    (error: Error) => error.name,
  );

const throttled = { status: 400, body: '{"__type":"ThrottlingException"}' };

describe("a call is repeated", () => {
  test.each<[string, Step]>([
    ["the network fails", "cut"],
    ["the server has a defect", { status: 500 }],
    ["a proxy has lost it", { status: 502 }],
    ["the server is away", { status: 503 }],
    ["there is too much", { status: 429 }],
    ["it is throttled", throttled],
  ])("when %s, three times in all", async (_name, step) => {
    const { client, bodies, waits } = await against("iot", [step, step, { status: 200 }]);
    expect(await outcome(client.listThings())).toBe("success");
    expect(bodies).toHaveLength(3);
    expect(waits).toHaveLength(2);
    expect(waits[0]).toBeLessThan(100);
    expect(waits[1]).toBeLessThan(200);
    const never = await against("iot", [step]);
    expect(await outcome(never.client.listThings())).not.toBe("success");
    expect(never.bodies).toHaveLength(3);
  });

  test("never, when one attempt was asked for", async () => {
    const { client, bodies } = await against("iot", [{ status: 503 }], 1);
    expect(await outcome(client.listThings())).toBe("Http503");
    expect(bodies).toHaveLength(1);
  });

  test("never, when the answer would be the same", async () => {
    for (const status of [400, 403, 404, 409, 501]) {
      const { client, bodies } = await against("iot", [{ status }]);
      expect(await outcome(client.listThings())).toBe(`Http${status}`);
      expect(bodies).toHaveLength(1);
    }
  });

  test("with one ClientToken, made where none was given", async () => {
    const { client, bodies } = await against("iot-managed-integrations", ["cut", { status: 500 }, { status: 200 }]);
    const thing = {
      Role: "DEVICE",
      AuthenticationMaterial: "m",
      AuthenticationMaterialType: "CUSTOM_PROTOCOL_QR_BAR_CODE",
    };
    await client.createManagedThing({ ...thing } as Parameters<typeof client.createManagedThing>[0]);
    const tokens = bodies.map((body) => JSON.parse(body).ClientToken);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toMatch(/^[0-9a-f]{32}$/);
    const given = await against("iot-managed-integrations", [{ status: 200 }]);
    await given.client.send("CreateManagedThing", { ...thing, ClientToken: "mine" } as never);
    expect(JSON.parse(given.bodies[0] ?? "").ClientToken).toBe("mine");
  });

  test("not, when it may have had an effect that twice is not as good as once", async () => {
    for (const step of ["cut", { status: 500 }] as const) {
      const { client, bodies } = await against("iot-managed-integrations", [step]);
      const command = client.sendManagedThingCommand({ ManagedThingId: "a", Endpoints: [] });
      expect(await outcome(command)).not.toBe("success");
      expect(bodies).toHaveLength(1);
      const record = await against("kinesis", [step]);
      const put = record.client.putRecord({ StreamName: "s", PartitionKey: "p", Data: new Uint8Array() });
      expect(await outcome(put)).not.toBe("success");
      expect(record.bodies).toHaveLength(1);
    }
    const { client, bodies } = await against("kinesis", [throttled, { status: 200 }]);
    await client.putRecord({ StreamName: "s", PartitionKey: "p", Data: new Uint8Array() });
    expect(bodies).toHaveLength(2);
  });
});

describe("pages", () => {
  test("come one after the other until the last, from the input's own on", async () => {
    const page = (items: string[], next?: string) => ({
      status: 200,
      body: JSON.stringify({ Items: items.map((Id) => ({ Id })), NextToken: next }),
    });
    const { client } = await against("iot-managed-integrations", [page(["a"], "1"), page([], "2"), page(["b"])]);
    const seen: unknown[] = [];
    for await (const { Items } of client.pages("ListManagedThings", {})) seen.push(...(Items ?? []));
    expect(seen).toEqual([{ Id: "a" }, { Id: "b" }]);
  });

  test("are asked for when they are wanted", async () => {
    const { client, bodies } = await against("iot-managed-integrations", [
      { status: 200, body: '{"Items":[],"NextToken":"1"}' },
    ]);
    for await (const _page of client.pages("ListManagedThings", {})) break;
    expect(bodies).toHaveLength(1);
    const again = async () => {
      for await (const _page of client.pages("ListManagedThings", {}));
    };
    await expect(again()).rejects.toThrow("gave the same page twice");
  });

  test("of Marker and of nextMarker are followed too", async () => {
    const xml = (rest: string) => ({
      status: 200,
      body: `<ListUsersResponse><ListUsersResult><Users/>${rest}</ListUsersResult></ListUsersResponse>`,
    });
    const iam = await against("iam", [xml("<IsTruncated>true</IsTruncated><Marker>m</Marker>"), xml("")]);
    for await (const _page of iam.client.pages("ListUsers", {}));
    expect(iam.bodies[1]).toContain("Marker=m");
    const iot = await against("iot", [{ status: 200, body: '{"certificates":[],"nextMarker":"n"}' }, { status: 200 }]);
    for await (const _page of iot.client.pages("ListCertificates", {}));
    expect(iot.bodies).toHaveLength(2);
  });
});
