import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { awsLimits, type LimitName, standardLimits } from "@hearth/broker";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigurationError, configurationKeys, loadConfiguration } from "./configuration.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hearth-configuration-"));
});
afterEach(() => rmSync(directory, { recursive: true, maxRetries: 10 }));

const withFile = (yaml: string, environment: Record<string, string> = {}) => {
  const file = join(directory, "hearth.yaml");
  writeFileSync(file, yaml);
  return loadConfiguration({ HEARTH_CONFIG: file, ...environment });
};

describe("configuration", () => {
  test("without a file or environment everything has its default", () => {
    const configuration = loadConfiguration({});
    expect(configuration).toMatchObject({
      accountId: "000000000000",
      region: "us-east-1",
      apiPort: 4566,
      httpsPort: 8443,
    });
    expect(configuration).toMatchObject({ mqttsPort: 8883, tlsPort: undefined, bind: "127.0.0.1" });
    expect(configuration).toMatchObject({ openMqttPort: undefined, openMqttPolicy: undefined });
    expect(configuration.serverNames).toEqual(["localhost", "127.0.0.1"]);
  });

  test("the file sets, the environment wins", () => {
    const yaml = "apiPort: 5000\nregion: eu-west-1\nserverNames: [hearth.local]\n";
    expect(withFile(yaml, { HEARTH_REGION: "eu-central-1" })).toMatchObject({
      apiPort: 5000,
      region: "eu-central-1",
      serverNames: ["hearth.local"],
    });
  });

  test("every key is also an environment variable", () => {
    const authorities = join(directory, "ca.pem");
    writeFileSync(authorities, `of the lab\n${rootCertificates.slice(0, 2).join("\n")}\n`);
    const values: Record<string, string> = {
      HEARTH_DATA_DIR: "/srv/hearth",
      HEARTH_ACCOUNT_ID: "123456789012",
      HEARTH_REGION: "ap-northeast-2",
      HEARTH_API_PORT: "1",
      HEARTH_HTTPS_PORT: "2",
      HEARTH_MQTTS_PORT: "3",
      HEARTH_TLS_PORT: "4",
      HEARTH_CALLBACK_PORT: "5",
      HEARTH_BIND: "0.0.0.0",
      HEARTH_OPEN_MQTT_PORT: "1883",
      HEARTH_OPEN_MQTT_POLICY: "bench",
      HEARTH_PUBLIC_URL: "https://hearth.example/",
      HEARTH_CALLBACK_URL: "https://login.hearth.example/back",
      HEARTH_SERVER_NAMES: "a.example, 10.0.0.1",
      HEARTH_DATABASE_URL: "postgres://localhost/hearth",
      HEARTH_MASTER_KEY: "00".repeat(32),
      HEARTH_LOG_LEVEL: "debug",
      HEARTH_PROFILE: "aws",
      HEARTH_LIMITS: '{"payload": 1000, "queuedBytes": "unlimited", "qos2": true}',
      HEARTH_COMMAND_TIMEOUT_SECONDS: "5",
      HEARTH_SHADOW_HISTORY_ENTRIES: "0",
      HEARTH_SHADOW_HISTORY_DAYS: "7",
      HEARTH_LISTENERS:
        '[{"name": "private", "port": 5, "policyFile": "p.json"}, {"name": "fips", "port": 0, "fips": true}]',
      HEARTH_KINESIS: "aws",
      HEARTH_OBJECTS: "aws",
      HEARTH_SECRETS: "aws",
      HEARTH_NATS_URL: "nats://a:4222,tls://b:4222",
      HEARTH_OUTBOUND_ALLOW: "10.0.0.0/8, lab.example",
      HEARTH_OUTBOUND_CA: authorities,
      HEARTH_FUNCTIONS: "unprotected",
      HEARTH_FUNCTION_ENVIRONMENTS: "7",
      HEARTH_FUNCTION_IDS: "5000-5999",
      HEARTH_FUNCTION_DIRECTORIES: "/srv/functions:/opt/functions",
      HEARTH_UNSAFE_NO_FSYNC: "1",
    };
    expect(Object.keys(values).sort()).toEqual(
      Object.values(configurationKeys)
        .map((key) => key.environment)
        .sort(),
    );
    expect(loadConfiguration(values)).toEqual({
      dataDir: "/srv/hearth",
      accountId: "123456789012",
      region: "ap-northeast-2",
      apiPort: 1,
      httpsPort: 2,
      mqttsPort: 3,
      tlsPort: 4,
      callbackPort: 5,
      bind: "0.0.0.0",
      openMqttPort: 1883,
      openMqttPolicy: "bench",
      publicUrl: "https://hearth.example",
      callbackUrl: "https://login.hearth.example/back",
      serverNames: ["a.example", "10.0.0.1"],
      databaseUrl: "postgres://localhost/hearth",
      masterKey: "00".repeat(32),
      logLevel: "debug",
      profile: "aws",
      limits: { payload: 1000, queuedBytes: Number.POSITIVE_INFINITY, qos2: true },
      commandTimeoutSeconds: 5,
      shadowHistoryEntries: 0,
      shadowHistoryDays: 7,
      listeners: [
        { name: "private", port: 5, policyFile: "p.json", fips: false },
        { name: "fips", port: 0, fips: true },
      ],
      kinesis: "aws",
      objects: "aws",
      secrets: "aws",
      natsUrl: "nats://a:4222,tls://b:4222",
      outboundAllow: ["10.0.0.0/8", "lab.example"],
      outboundCa: rootCertificates.slice(0, 2),
      functions: "unprotected",
      functionEnvironments: 7,
      functionIds: { first: 5000, last: 5999 },
      functionDirectories: ["/srv/functions", "/opt/functions"],
      unsafeNoFsync: true,
    });
  });

  test.each([
    [{ HEARTH_API_PORT: "65536" }, "HEARTH_API_PORT must be a whole number from 0 to 65535"],
    [{ HEARTH_API_PORT: "x" }, "HEARTH_API_PORT must be a whole number"],
    [{ HEARTH_ACCOUNT_ID: "12" }, "HEARTH_ACCOUNT_ID must be 12 digits"],
    [{ HEARTH_REGION: "somewhere" }, "HEARTH_REGION must be a region name"],
    [{ HEARTH_PUBLIC_URL: "http://hearth.example" }, "HEARTH_PUBLIC_URL must be a URL starting with https://"],
    [{ HEARTH_CALLBACK_URL: "http://hearth.example/" }, "HEARTH_CALLBACK_URL must be a URL starting with https://"],
    [{ HEARTH_CALLBACK_URL: "https://a.example/?b" }, "HEARTH_CALLBACK_URL must have no query, fragment or user name"],
    [{ HEARTH_OUTBOUND_CA: "absent.pem" }, "HEARTH_OUTBOUND_CA names a file that cannot be used: absent.pem: ENOENT"],
    [{ HEARTH_OUTBOUND_CA: "package.json" }, "HEARTH_OUTBOUND_CA names a file without a certificate (PEM)"],
    [{ HEARTH_OPEN_MQTT_PORT: "127.0.0.2:1883" }, "HEARTH_OPEN_MQTT_PORT must be a whole number"],
    [{ HEARTH_OPEN_MQTT_POLICY: "a policy" }, "HEARTH_OPEN_MQTT_POLICY must be the name of an IoT policy"],
    [{ HEARTH_KINESIS: "real" }, "HEARTH_KINESIS must be one of hearth, aws"],
    [{ HEARTH_SECRETS: "real" }, "HEARTH_SECRETS must be one of hearth, aws"],
    [{ HEARTH_NATS_URL: "localhost" }, "HEARTH_NATS_URL must be URLs starting with nats://"],
    [{ HEARTH_OUTBOUND_ALLOW: "10.0.0.0/33" }, "HEARTH_OUTBOUND_ALLOW must be a list of hosts"],
    [{ HEARTH_PROFILE: "azure" }, "HEARTH_PROFILE must be one of standard, aws"],
    [{ HEARTH_LIMITS: "payload=1" }, "HEARTH_LIMITS must be JSON"],
    [{ HEARTH_LIMITS: "[]" }, "HEARTH_LIMITS must be names of limits with their values"],
    [{ HEARTH_LIMITS: '{"paylod": 1}' }, 'HEARTH_LIMITS has no limit "paylod"; they are packetSize, payload'],
    [{ HEARTH_LIMITS: '{"__proto__": 1}' }, 'HEARTH_LIMITS has no limit "__proto__"'],
    [{ HEARTH_LIMITS: '{"payload": -1}' }, "HEARTH_LIMITS must have a whole number from 0 to 268435455 for payload"],
    [{ HEARTH_LIMITS: '{"backlog": 0}' }, 'from 1 to 9007199254740991 or "unlimited" for backlog'],
    [{ HEARTH_LIMITS: '{"qos2": 1}' }, "HEARTH_LIMITS must have true or false for qos2"],
    [{ HEARTH_LISTENERS: "private:9443" }, "HEARTH_LISTENERS must be JSON: a list of listeners"],
    [{ HEARTH_LISTENERS: "{}" }, "HEARTH_LISTENERS must be a list of listeners"],
    [{ HEARTH_LISTENERS: "[1]" }, "HEARTH_LISTENERS must be a list of listeners"],
    [
      { HEARTH_LISTENERS: '[{"name": "https", "port": 1}]' },
      "a name of small letters, digits and -, other than api, https",
    ],
    [{ HEARTH_LISTENERS: '[{"name": "a", "port": "1"}]' }, "must give the listener a a port from 0 to 65535"],
    [{ HEARTH_LISTENERS: '[{"name": "a", "port": 1}, {"name": "a", "port": 2}]' }, "two listeners with the name a"],
    [{ HEARTH_LISTENERS: '[{"name": "a", "port": 1, "policy": {}}]' }, 'a listener with the unknown key "policy"'],
    [
      { HEARTH_LISTENERS: '[{"name": "a", "port": 1, "fips": 1}]' },
      "must have true or false for fips of the listener a",
    ],
    [{ HEARTH_LISTENERS: '[{"name": "a", "port": 1, "bind": 1}]' }, "must give the listener a an address to bind"],
    [{ HEARTH_LISTENERS: '[{"name": "a", "port": 1, "policyFile": ""}]' }, "the path of a policy document, or none"],
    [{ HEARTH_MASTER_KEY: "short" }, "HEARTH_MASTER_KEY must be 32 bytes"],
    [{ HEARTH_UNSAFE_NO_FSYNC: "maybe" }, "HEARTH_UNSAFE_NO_FSYNC must be true or false"],
  ])("%j is refused by name", (environment, message) => {
    expect(() => loadConfiguration(environment)).toThrow(message);
    expect(() => loadConfiguration(environment)).toThrow(ConfigurationError);
  });

  test("a key that does not exist, a file that is no map and one that is not there are refused", () => {
    expect(() => withFile("apiPrt: 1")).toThrow('unknown key "apiPrt"');
    expect(() => withFile("- 1")).toThrow("must hold keys and values");
    expect(() => withFile("a: [")).toThrow(ConfigurationError);
    expect(() => loadConfiguration({ HEARTH_CONFIG: join(directory, "no.yaml") })).toThrow(ConfigurationError);
  });

  test("limits in the file", () => {
    expect(withFile("limits:\n  payload: 10\n  backlog: unlimited\n  queuedBytes: .inf\n").limits).toEqual({
      payload: 10,
      backlog: Number.POSITIVE_INFINITY,
      queuedBytes: Number.POSITIVE_INFINITY,
    });
    expect(() => withFile("limits:\n  nothing: 10\n")).toThrow(/hearth\.yaml: limits has no limit "nothing"/);
    expect(() => withFile("limits: 10\n")).toThrow("limits must be names of limits");
  });

  test("docs/configuration.md lists every limit with the values of both profiles", () => {
    const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)];
    const shown = (value: number | boolean) =>
      value === Number.POSITIVE_INFINITY ? "unlimited" : typeof value === "boolean" ? String(value) : grouped(value);
    const grouped = (value: number) => value.toLocaleString("en-US");
    expect(rows.map(([, name, standard, aws]) => [name, standard, aws])).toEqual(
      (Object.keys(standardLimits) as LimitName[]).map((name) => [
        name,
        shown(standardLimits[name]),
        shown(awsLimits[name]),
      ]),
    );
  });

  test("docs/configuration.md lists every key with its variable", () => {
    const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    for (const [name, { environment, about }] of Object.entries(configurationKeys)) {
      expect(page).toContain(`| \`${name}\` | \`${environment}\` |`);
      expect(page).toContain(about.replaceAll("|", "\\|"));
    }
  });
});
