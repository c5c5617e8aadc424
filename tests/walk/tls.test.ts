import { createHash, createHmac } from "node:crypto";
import { request } from "node:https";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import type { IClientOptions } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "./fleet.ts";
import { connectPeer, endPeers } from "./peer.ts";

interface Key {
  certificate: string;
  privateKey: string;
}

let fleet: Fleet;
/** Another installation: its root and its certificates mean nothing here. */
let foreign: { ca: string; key: Key };
let key: Key;
let bare: Key;
beforeAll(async () => {
  const other = await openFleet();
  foreign = { ca: other.ca, key: await other.identity([{ Effect: "Allow", Action: "*", Resource: "*" }]) };
  await other.close();
  fleet = await openFleet();
  key = await fleet.identity([
    { Effect: "Allow", Action: ["iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive"], Resource: "*" },
    {
      Effect: "Allow",
      Action: ["iot:GetThingShadow", "iot:UpdateThingShadow"],
      Resource: [fleet.arn("thing/mine"), fleet.arn("thing/mine/night")],
    },
  ]);
  bare = await fleet.identity([{ Effect: "Deny", Action: "*", Resource: "*" }]);
});
afterEach(endPeers);
afterAll(() => fleet.close());

describe("the handshake on 8883, 8443 and 443", () => {
  test("a client that trusts another root refuses the server", async () => {
    for (const port of fleet.tlsPorts) {
      await expect(fleet.handshake(port, { ca: foreign.ca })).rejects.toMatchObject({
        code: expect.stringMatching(/SIGNATURE|VERIFY|SELF_SIGNED|ISSUER/),
      });
    }
    await expect(fleet.connect(key, { ca: foreign.ca })).rejects.toThrow();
  });

  test("TLS 1.3 prefers AES-128 with SHA-256, and the client's choice holds where it offers no other", async () => {
    const suites = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];
    for (const port of fleet.tlsPorts) {
      for (const [ciphers, chosen] of [[suites.join(":"), suites[2]], ...suites.map((one) => [one, one])]) {
        const socket = await fleet.handshake(port, { ciphers });
        expect(socket.getCipher().name).toBe(chosen);
        socket.destroy();
      }
    }
  });

  test("a server by another name than its certificate's is refused", async () => {
    await expect(fleet.handshake(fleet.file.mqttsPort, { servername: "elsewhere.example" })).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });
});

describe("MQTT over TLS", () => {
  const onPort443 = (): IClientOptions => ({ port: fleet.file.tlsPort, ALPNProtocols: ["x-amzn-mqtt-ca"] });

  test("on the TLS port without ALPN it is told by its first byte", async () => {
    const peer = await fleet.connect(key, { port: fleet.file.tlsPort });
    await peer.subscribe("without/alpn");
    await peer.publish("without/alpn", "here");
    expect((await peer.next("without/alpn")).text).toBe("here");
  });

  test("without a certificate: never a CONNACK, on either port", async () => {
    for (const way of [{}, onPort443()]) {
      const nobody = connectPeer({ port: fleet.file.mqttsPort, ca: fleet.ca, clientId: "nobody", ...way });
      await expect(nobody).rejects.toThrow();
    }
  });

  test("with a certificate that the platform did not register: refused", async () => {
    for (const way of [{}, onPort443()]) await expect(fleet.connect(foreign.key, way)).rejects.toThrow();
  });

  test("with another's certificate, but not its key: the handshake fails", async () => {
    await expect(fleet.connect({ certificate: key.certificate, privateKey: bare.privateKey })).rejects.toThrow();
  });
});

/** One HTTPS request. */
function https(
  options: { port: number; path: string; method?: string; key?: Key; alpn?: string[] },
  body?: string,
): Promise<{ status: number; text: string; errorType: string }> {
  const { port, path, method = "GET", key: own, alpn } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "localhost",
        port,
        path,
        method,
        ca: fleet.ca,
        agent: false,
        ...(own ? { cert: own.certificate, key: own.privateKey } : {}),
        ...(alpn ? { ALPNProtocols: alpn } : {}),
      },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            errorType: String(response.headers["x-amzn-errortype"]),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("the HTTPS data plane with a client certificate (reference 1.1)", () => {
  beforeAll(async () => {
    for (const thingName of ["mine", "theirs"]) {
      const payload = Buffer.from(JSON.stringify({ state: { reported: { of: thingName } } }));
      await fleet.iotData.send(new UpdateThingShadowCommand({ thingName, payload }));
    }
  });
  const ways = () => [
    { port: Number(new URL(fleet.file.httpsEndpoint).port) },
    { port: fleet.file.tlsPort, alpn: ["x-amzn-http-ca"] },
  ];

  test("reads and writes the shadows that the certificate's policy allows", async () => {
    for (const way of ways()) {
      const got = await https({ ...way, path: "/things/mine/shadow", key });
      expect(got.status).toBe(200);
      expect(JSON.parse(got.text)).toMatchObject({ state: { reported: { of: "mine" } } });
      const named = { ...way, path: "/things/mine/shadow?name=night", key };
      expect((await https({ ...named, method: "POST" }, `{"state":{"desired":{"n":1}}}`)).status).toBe(200);
      expect(JSON.parse((await https(named)).text)).toMatchObject({ state: { desired: { n: 1 } } });
    }
  });

  test("refuses the others with 403, and strangers too", async () => {
    for (const way of ways()) {
      const path = "/things/mine/shadow";
      const answers = [
        await https({ ...way, path: "/things/theirs/shadow", key }),
        await https({ ...way, path: "/things/mine/shadow?name=day", key }),
        await https({ ...way, path, method: "DELETE", key }),
        await https({ ...way, path, key: bare }),
        await https({ ...way, path, key: foreign.key }),
        await https({ ...way, path }),
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
      for (const { text, errorType } of answers) {
        expect(errorType).not.toBe("undefined");
        expect(text).not.toContain("mine");
      }
    }
  });

  test("the API itself does not take a device's certificate", async () => {
    for (const way of ways()) {
      const { status, text } = await https({ ...way, path: "/things", key });
      expect([403, 404]).toContain(status);
      expect(text).not.toContain("thingName");
    }
  });

  test("publishes on /topics/", async () => {
    const listener = await fleet.connect(key);
    await listener.subscribe("from/https");
    for (const way of ways()) {
      const { status, text } = await https(
        { ...way, path: "/topics/from%2Fhttps?qos=1", method: "POST", key },
        `{"over":"https"}`,
      );
      expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ message: "OK" })]);
      expect((await listener.next("from/https")).json).toEqual({ over: "https" });
      expect((await https({ ...way, path: "/topics/from/https?qos=1", method: "POST", key: bare }, "{}")).status).toBe(
        403,
      );
    }
  });
});

describe("MQTT over WebSocket with SigV4 (reference 1.2)", () => {
  const signed = (signing: object = {}) => fleet.webSocketUrl(signing);
  const over: Fleet["overWebSocket"] = (...given) => fleet.overWebSocket(...given);

  test.each([4, 5] as const)("a presigned URL connects MQTT.js, version %i", async (protocolVersion) => {
    const app = await over(await signed(), { protocolVersion });
    const device = await fleet.connect(key);
    expect(await app.subscribe("ws/#")).toEqual([1]);
    await device.subscribe("ws/down");
    await app.publish("ws/down", "hello");
    expect((await device.next("ws/down")).text).toBe("hello");
    await device.publish("ws/up", "x".repeat(100_000));
    expect((await app.next("ws/up")).text).toHaveLength(100_000);
  });

  test("a session token may be appended after signing; the role's policy decides", async () => {
    const { iam, file } = fleet;
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: file.accountId }, Action: "sts:AssumeRole" }],
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "iot:Connect", Resource: fleet.arn("client/app-*") },
        { Effect: "Allow", Action: "iot:Subscribe", Resource: fleet.arn("topicfilter/app/*") },
      ],
    });
    await iam.send(new PutRolePolicyCommand({ RoleName: "app", PolicyName: "app", PolicyDocument }));
    // Root itself may not assume roles.
    await iam.send(new CreateUserCommand({ UserName: "developer" }));
    const assume = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }] };
    await iam.send(
      new PutUserPolicyCommand({ UserName: "developer", PolicyName: "assume", PolicyDocument: JSON.stringify(assume) }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "developer" }));
    const { sts } = fleet.platform.clients({
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "phone" }));
    const token = encodeURIComponent(Credentials?.SessionToken ?? "");
    const url = `${byHand(Credentials?.AccessKeyId ?? "", Credentials?.SecretAccessKey ?? "")}&X-Amz-Security-Token=${token}`;
    const app = await over(url, { clientId: "app-1" });
    expect(await app.subscribe(["app/in", "other/in"])).toEqual([1, 0x87]);
    await expect(over(url, { clientId: "other" })).rejects.toMatchObject({ code: 0x87 });
    expect(await upgraded(url.slice(0, url.lastIndexOf("&")))).toBe(403);
  });

  /** The status with which the upgrade to WebSocket is answered. */
  function upgraded(url: string): Promise<number> {
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": "mqtt",
    };
    return new Promise((resolve, reject) => {
      const sent = request(url.replace("wss:", "https:"), { ca: fleet.ca, agent: false, headers });
      sent.on("error", reject);
      sent.on("upgrade", (_response, socket) => {
        socket.destroy();
        resolve(101);
      });
      sent.on("response", (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.end();
    });
  }

  /** As device SDKs do it: the token is no part of what is signed. */
  function byHand(accessKeyId: string, secret: string): string {
    const { region, httpsEndpoint } = fleet.file;
    const hmac = (by: string | Buffer, text: string) => createHmac("sha256", by).update(text).digest();
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    const time = `${new Date().toISOString().replace(/[-:]/g, "").slice(0, 15)}Z`;
    const scope = `${time.slice(0, 8)}/${region}/iotdevicegateway/aws4_request`;
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      `X-Amz-Credential=${encodeURIComponent(`${accessKeyId}/${scope}`)}`,
      `X-Amz-Date=${time}`,
      "X-Amz-SignedHeaders=host",
    ].join("&");
    const canonical = ["GET", "/mqtt", query, `host:${new URL(httpsEndpoint).host}`, "", "host", sha256("")].join("\n");
    const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
    const signingKey = scope.split("/").reduce<string | Buffer>((by, part) => hmac(by, part), `AWS4${secret}`);
    return `${httpsEndpoint.replace("https:", "wss:")}/mqtt?${query}&X-Amz-Signature=${hmac(signingKey, text).toString("hex")}`;
  }

  test("a changed, an expired, another service's and no signature are refused with 403", async () => {
    const good = await signed();
    const bad = good.replace(
      /(X-Amz-Signature=)(.)/,
      (_, name: string, digit: string) => name + (digit === "0" ? "1" : "0"),
    );
    const urls = [
      bad,
      await signed({ signingDate: new Date(Date.now() - 600_000) }),
      await signed({ credentials: { ...fleet.file, secretAccessKey: "x".repeat(40) } }),
      await signed({ service: "kinesis" }),
      `${good.split("?")[0]}`,
    ];
    expect(await upgraded(good)).toBe(101);
    expect(await Promise.all(urls.map(upgraded))).toEqual(urls.map(() => 403));
    expect(await upgraded(good.replace("/mqtt?", "/other?"))).toBe(404);
  });
});
