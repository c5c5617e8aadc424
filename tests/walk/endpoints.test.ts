import { request } from "node:https";
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DescribeEndpointCommand,
  RegisterCertificateWithoutCACommand,
} from "@aws-sdk/client-iot";
import { PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeCertificate } from "../kit/certificate-request.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { endPeers } from "./peer.ts";

// Whoever sees a certificate may register it: the endpoint that a device connects to says whose device it is.
let fleet: Fleet;
type Clients = ReturnType<Fleet["platform"]["clients"]>;
let first: Clients;
let second: Clients;
let hosts: { first: string; second: string };

beforeAll(async () => {
  fleet = await openFleet({ publicUrl: "https://hearth.example:8443" });
  first = fleet.platform.clients();
  const { AccessKey } = await fleet.hearth.send("CreateAccount", { AccountName: "second" });
  second = fleet.platform.clients({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  const hostOf = async ({ iot }: Clients) =>
    (await iot.send(new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }))).endpointAddress ?? "";
  hosts = { first: await hostOf(first), second: await hostOf(second) };
  for (const { iot } of [first, second]) {
    const policyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
    });
    await iot.send(new CreatePolicyCommand({ policyName: "all", policyDocument }));
  }
});
afterEach(endPeers);
afterAll(() => fleet?.close());

interface Key {
  certificate: string;
  privateKey: string;
}

async function register({ iot }: Clients, { certificate }: Key): Promise<void> {
  const command = new RegisterCertificateWithoutCACommand({ certificatePem: certificate, status: "ACTIVE" });
  const { certificateArn } = await iot.send(command);
  await iot.send(new AttachPolicyCommand({ policyName: "all", target: certificateArn }));
}

/** In which account a device is that connects by this name; throws where it is refused. */
async function accountAt(servername: string, key: Key): Promise<"first" | "second"> {
  const peer = await fleet.connect(key, { servername });
  await peer.subscribe("whose");
  for (const [name, clients] of Object.entries({ first, second })) {
    await clients.iotData.send(new PublishCommand({ topic: "whose", qos: 1, payload: Buffer.from(name) }));
  }
  return (await peer.next("whose")).text as "first" | "second";
}

/** Over HTTPS: the status, and the message of a refusal. */
function publish(servername: string, port: number, key: Key): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const own = { cert: key.certificate, key: key.privateKey, ca: fleet.ca, servername, agent: false };
    const where = { host: "localhost", port, path: "/topics/a?qos=1", method: "POST" };
    const sent = request({ ...where, ...own }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end("x");
  });
}

describe("DescribeEndpoint", () => {
  test("gives each account a host of its own, which the server's certificate covers on every TLS port", async () => {
    expect(hosts.first).toBe("hearth.example");
    expect(hosts.second).toMatch(/^a\d{12}-ats\.iot\.us-east-1\.hearth\.example$/);
    const { mqtts, tls, https } = fleet.platform.ports;
    for (const servername of [...Object.values(hosts), "a000000000000-ats.iot.us-east-1.localhost"]) {
      for (const port of [mqtts, tls, https]) (await fleet.handshake(port, { servername })).destroy();
    }
  });

  test("and managed integrations' custom endpoint is the same", async () => {
    for (const [name, { managed }] of Object.entries({ first, second })) {
      const { EndpointAddress } = await managed.send("RegisterCustomEndpoint", {});
      expect(EndpointAddress).toBe(hosts[name as keyof typeof hosts]);
      expect((await managed.send("GetCustomEndpoint", {})).EndpointAddress).toBe(EndpointAddress);
    }
  });
});

describe("a device with a certificate that its maker has made", () => {
  test("is not the account's that was quicker to register what it had seen", async () => {
    const key = await makeCertificate("device");
    await register(second, key);
    await expect(fleet.connect(key, { servername: hosts.first })).rejects.toThrow();
    expect(await publish(hosts.first, fleet.platform.ports.https, key)).toMatchObject({
      status: 403,
      text: expect.stringContaining("not registered in the account 000000000000"),
    });
    await register(first, key);
    expect(await accountAt(hosts.first, key)).toBe("first");
    expect(await accountAt(hosts.second, key)).toBe("second");
  });

  test("that both accounts have registered is refused where no name says which, with words for both", async () => {
    const key = await makeCertificate("device");
    await register(first, key);
    expect(await accountAt("localhost", key)).toBe("first");
    await register(second, key);
    await expect(fleet.connect(key, { servername: "localhost" })).rejects.toThrow("closed before CONNACK");
    const { ports } = fleet.platform;
    for (const port of [ports.https, ports.tls]) {
      expect(await publish("localhost", port, key)).toMatchObject({
        status: 403,
        text: expect.stringContaining("registered in several accounts"),
      });
      for (const servername of Object.values(hosts))
        expect(await publish(servername, port, key)).toMatchObject({ status: 200 });
    }
    const { Events } = await fleet.hearth.send("ListConnectionEvents", {});
    expect(Events.map(({ Reason }) => Reason)).toContainEqual(expect.stringContaining("DescribeEndpoint"));
  });
});

test("a certificate that the platform has issued stays its account's, whoever registers a copy", async () => {
  const key = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
  await register(second, key);
  for (const servername of ["localhost", hosts.first]) expect(await accountAt(servername, key)).toBe("first");
});
