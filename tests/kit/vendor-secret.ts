interface Client {
  send(operation: never, input: never): Promise<unknown>;
}

const SERVICE = "iotmanagedintegrations.amazonaws.com";

/** What lets the platform use a secret or its key for any account association (managed-integrations reference 13.3). */
export const platformMay = (
  action: string | readonly string[],
  { accountId, region }: { accountId: string; region: string },
) => ({
  Effect: "Allow",
  Principal: { Service: SERVICE },
  Action: action,
  Resource: "*",
  Condition: {
    ArnLike: { "aws:SourceArn": `arn:aws:iotmanagedintegrations:${region}:${accountId}:account-association/*` },
  },
});

export const policyOf = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement });

/** A secret that the platform may read to link accounts, under a key of its own. */
export async function makeVendorSecret(
  { kms, secretsmanager }: { kms: Client; secretsmanager: Client },
  place: { accountId: string; region: string },
  SecretString = JSON.stringify({ clientId: "client", clientSecret: "secret" }),
): Promise<{ arn: string; versionId: string }> {
  const send = async (client: Client, operation: string, input: object) =>
    (await client.send(operation as never, input as never)) as Record<string, never>;
  const root = {
    ...{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${place.accountId}:root` }, Action: "kms:*", Resource: "*" },
  };
  const Policy = policyOf(root, platformMay(["kms:Decrypt", "kms:DescribeKey"], place));
  const { KeyMetadata } = await send(kms, "CreateKey", { Policy });
  const KmsKeyId = KeyMetadata?.["KeyId"];
  const Name = `vendor-${crypto.randomUUID()}`;
  const { ARN, VersionId } = await send(secretsmanager, "CreateSecret", { Name, SecretString, KmsKeyId });
  const ResourcePolicy = policyOf(platformMay("secretsmanager:GetSecretValue", place));
  await send(secretsmanager, "PutResourcePolicy", { SecretId: ARN, ResourcePolicy });
  return { arn: String(ARN), versionId: String(VersionId) };
}
