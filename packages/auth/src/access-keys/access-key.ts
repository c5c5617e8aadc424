import { randomText } from "@hearth/base";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `AKIA`: long-term key, `ASIA`: session, `AIDA`: user, `AROA`: role (AWS: IAM identifiers, unique identifiers). */
export const newAccessKeyId = (prefix: "AKIA" | "ASIA"): string => prefix + randomText(16, BASE32);
export const newUniqueId = (prefix: "AIDA" | "AROA"): string => prefix + randomText(17, BASE32);
export const newSecret = (): string => randomText(40, BASE64);

export const rootArn = (accountId: string): string => `arn:aws:iam::${accountId}:root`;
