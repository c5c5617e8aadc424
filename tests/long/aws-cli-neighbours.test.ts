import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCliMajor, awsCliMissing, awsEnvironment, type Ran, run, skipped } from "../clients/tools.ts";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";

/** Exit code when the service refuses: the CLI's version 2 tells it from its own failures, version 1 does not. */
const FAILED = awsCliMajor() === 1 ? 255 : 254;

describe.skipIf(skipped("AWS CLI", awsCliMissing()))(
  "the AWS CLI with the neighbours, as it is",
  { timeout: 120_000 },
  () => {
    let platform: TestPlatform;
    let directory: string;
    beforeAll(async () => {
      platform = await startTestPlatform();
      directory = mkdtempSync(join(tmpdir(), "hearth-cli-"));
    });
    afterAll(async () => {
      await platform.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    });

    const raw = (args: readonly string[], over: NodeJS.ProcessEnv = {}): Promise<Ran> =>
      run("aws", args, { cwd: directory, env: { ...awsEnvironment(platform.file), ...over } });

    /** One command line; its words must hold no spaces. The answer is its JSON, which must come with exit code 0. */
    async function aws(line: string, ...more: string[]): Promise<Record<string, unknown>> {
      const { code, stdout, stderr } = await raw([...line.split(" "), ...more]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    }

    /** What a refused command prints: exit code, modelled name, operation. */
    async function refused(line: string, ...more: string[]): Promise<[number | null, string | undefined]> {
      const { code, stderr } = await raw([...line.split(" "), ...more]);
      return [code, /An error occurred \((\w+)\) when calling the \w+ operation/.exec(stderr)?.[1]];
    }

    test("iot-managed-integrations: lockers, connectors, tags", async () => {
      const mi = "iot-managed-integrations";
      const { accountId, region } = platform.file;
      const [locker, connector] = await Promise.all([
        aws(`${mi} create-credential-locker --name cli --tags env=test`),
        aws(
          `${mi} create-cloud-connector --name cli --endpoint-config lambda={arn=arn:aws:lambda:${region}:${accountId}:function:cli}`,
        ),
      ]);
      await aws(`${mi} tag-resource --resource-arn ${locker["Arn"]} --tags room=hall`);
      const [tags, lockers, shown] = await Promise.all([
        aws(`${mi} list-tags-for-resource --resource-arn ${locker["Arn"]}`),
        aws(`${mi} list-credential-lockers`),
        aws(`${mi} get-cloud-connector --identifier ${connector["Id"]}`),
      ]);
      expect(tags).toEqual({ tags: { env: "test", room: "hall" } });
      expect(lockers["Items"]).toEqual([expect.objectContaining({ Id: locker["Id"], Name: "cli" })]);
      expect(shown).toMatchObject({ Name: "cli", Type: "UNLISTED" });
    });

    test("iam: a managed policy of managed integrations", async () => {
      const policyArn = "arn:aws:iam::aws:policy/AWSIoTManagedIntegrationsFullAccess";
      await aws("iam create-user --user-name cli");
      await aws(`iam attach-user-policy --user-name cli --policy-arn ${policyArn}`);
      const attached = await aws("iam list-attached-user-policies --user-name cli");
      expect(attached["AttachedPolicies"]).toEqual([
        { PolicyName: "AWSIoTManagedIntegrationsFullAccess", PolicyArn: policyArn },
      ]);
    });

    test("kinesis and iam: a stream, a role, a destination, a record", async () => {
      const { accountId, region } = platform.file;
      await aws("kinesis create-stream --stream-name cli --shard-count 1");
      const trust = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": accountId } },
          },
        ],
      });
      const [{ Role }] = (await Promise.all([
        aws("iam create-role --role-name cli --assume-role-policy-document", trust),
        aws("kinesis wait stream-exists --stream-name cli"),
      ])) as [{ Role: { Arn: string } }, unknown];
      expect(Role.Arn).toBe(`arn:aws:iam::${accountId}:role/cli`);
      await aws(
        `iot-managed-integrations create-destination --name cli --delivery-destination-type KINESIS --delivery-destination-arn arn:aws:kinesis:${region}:${accountId}:stream/cli --role-arn ${Role.Arn}`,
      );
      await aws(
        "iot-managed-integrations create-notification-configuration --event-type DEVICE_LIFE_CYCLE --destination-name cli",
      );
      writeFileSync(join(directory, "record"), "hello");
      const put = await aws("kinesis put-record --stream-name cli --partition-key k --data fileb://record");
      const { ShardIterator } = await aws(
        `kinesis get-shard-iterator --stream-name cli --shard-id ${put["ShardId"]} --shard-iterator-type TRIM_HORIZON`,
      );
      const { Records } = (await aws(`kinesis get-records --shard-iterator ${ShardIterator}`)) as {
        Records: { Data: string; SequenceNumber: string }[];
      };
      expect(Records).toEqual([
        expect.objectContaining({ Data: btoa("hello"), SequenceNumber: put["SequenceNumber"] }),
      ]);
      expect(await refused("iam get-role --role-name nobody")).toEqual([FAILED, "NoSuchEntity"]);
    });

    test("secretsmanager: a secret, its value, and what is not there", async () => {
      const value = JSON.stringify({ clientId: "cli", clientSecret: "s" });
      const made = await aws("secretsmanager create-secret --name cli/oauth --secret-string", value);
      const read = await aws("secretsmanager get-secret-value --secret-id cli/oauth");
      expect(read).toMatchObject({ ARN: made["ARN"], SecretString: value, VersionStages: ["AWSCURRENT"] });
      expect(await refused("secretsmanager describe-secret --secret-id nothing")).toEqual([
        FAILED,
        "ResourceNotFoundException",
      ]);
    });

    test("s3: a file there, listed, by a presigned link, and back", async () => {
      const file = join(directory, "firmware.bin");
      // More than 8 MiB, which the CLI sends in parts.
      writeFileSync(file, Buffer.alloc(9 * 1024 * 1024, "firmware"));
      const ok = async (...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await raw(["s3", ...args]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        return stdout;
      };
      await ok("mb", "s3://firmware");
      await ok("cp", file, "s3://firmware/v1/a b.bin", "--no-progress");
      expect(await ok("ls", "s3://firmware/v1/")).toMatch(/ 9437184 a b\.bin\n$/);
      const link = (await ok("presign", "s3://firmware/v1/a b.bin")).trim();
      const answer = await fetch(link, { headers: { range: "bytes=8-15" } });
      expect([answer.status, await answer.text()]).toEqual([206, "firmware"]);
      expect((await fetch(link, { method: "DELETE" })).status).toBe(403);
      await ok("cp", "s3://firmware/v1/a b.bin", `${file}.back`, "--no-progress");
      expect(readFileSync(`${file}.back`).equals(readFileSync(file))).toBe(true);
      await ok("sync", directory, "s3://firmware/all", "--no-progress");
      await ok("rm", "s3://firmware", "--recursive");
      await ok("rb", "s3://firmware");
    });
  },
);
