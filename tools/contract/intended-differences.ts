export interface IntendedDifference {
  service: string;
  where: RegExp;
  reason: string;
}

/** Where the contract differs from the published models on purpose. */
export const intendedDifferences: readonly IntendedDifference[] = [
  {
    service: "iot",
    where: /^(Action|TopicRuleDestination\w*)\.influxDB\w*$/,
    reason: "the SDK's schemas are newer than the model and know InfluxDB",
  },
  {
    service: "iot",
    where: /^AssetPropertyVariant union$/,
    reason: "the SDK's schemas say that only one of its members may be set",
  },
  {
    service: "iot",
    where: /^List(Authorizers|CertificateProviders) path$/,
    reason: "clients send the path with and without the last slash, and the router takes both",
  },
  {
    service: "iot-managed-integrations",
    where: /^(CreateProvisioningProfileResponse|GetProvisioningProfileResponse|ProvisioningProfileSummary)\.Arn max$/,
    reason: "64 characters are fewer than the ARN's fixed parts need (reference U51)",
  },
];

/** The table's entry for a difference, or undefined. */
export function intendedDifference(service: string, where: string): IntendedDifference | undefined {
  return intendedDifferences.find((entry) => entry.service === service && entry.where.test(where));
}
