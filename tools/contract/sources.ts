import { cloudtrailConstraints } from "../../packages/contract/src/constraints/cloudtrail.ts";
import { iamConstraints } from "../../packages/contract/src/constraints/iam.ts";
import { iotConstraints } from "../../packages/contract/src/constraints/iot.ts";
import { iotDataConstraints } from "../../packages/contract/src/constraints/iot-data.ts";
import { iotJobsDataConstraints } from "../../packages/contract/src/constraints/iot-jobs-data.ts";
import { kinesisConstraints } from "../../packages/contract/src/constraints/kinesis.ts";
import { kmsConstraints } from "../../packages/contract/src/constraints/kms.ts";
import { lambdaConstraints } from "../../packages/contract/src/constraints/lambda.ts";
import { logsConstraints } from "../../packages/contract/src/constraints/logs.ts";
import { s3Constraints } from "../../packages/contract/src/constraints/s3.ts";
import { s3Errors } from "../../packages/contract/src/constraints/s3-errors.ts";
import { secretsmanagerConstraints } from "../../packages/contract/src/constraints/secretsmanager.ts";
import { stsConstraints } from "../../packages/contract/src/constraints/sts.ts";
import type { ConstraintTable } from "../../packages/contract/src/constraints/table.ts";
import type { ServiceModel } from "../../packages/contract/src/model.ts";

/** A service whose API comes from the schemas that its official SDK package exports. */
export interface SdkSource {
  header: Omit<ServiceModel, "operations" | "shapes">;
  /** npm name of the SDK package. */
  sdk: string;
  constraints: ConstraintTable;
}

export const sdkSources: readonly SdkSource[] = [
  {
    header: {
      service: "iot",
      apiVersion: "2015-05-28",
      protocol: "rest-json",
      signingNames: ["iot", "execute-api"],
      actionPrefix: "iot",
    },
    sdk: "@aws-sdk/client-iot",
    constraints: iotConstraints,
  },
  {
    header: {
      service: "iot-data",
      apiVersion: "2015-05-28",
      protocol: "rest-json",
      signingNames: ["iotdata", "iotdevicegateway"],
      actionPrefix: "iot",
    },
    sdk: "@aws-sdk/client-iot-data-plane",
    constraints: iotDataConstraints,
  },
  {
    header: {
      service: "iot-jobs-data",
      apiVersion: "2017-09-29",
      protocol: "rest-json",
      signingNames: ["iot-jobs-data"],
      actionPrefix: "iotjobsdata",
    },
    sdk: "@aws-sdk/client-iot-jobs-data-plane",
    constraints: iotJobsDataConstraints,
  },
  {
    header: {
      service: "kinesis",
      apiVersion: "2013-12-02",
      protocol: "json-1.1",
      signingNames: ["kinesis"],
      actionPrefix: "kinesis",
      targetPrefix: "Kinesis_20131202",
    },
    sdk: "@aws-sdk/client-kinesis",
    constraints: kinesisConstraints,
  },
  {
    header: {
      service: "sts",
      apiVersion: "2011-06-15",
      protocol: "query",
      signingNames: ["sts"],
      actionPrefix: "sts",
      xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    },
    sdk: "@aws-sdk/client-sts",
    constraints: stsConstraints,
  },
  {
    header: {
      service: "iam",
      apiVersion: "2010-05-08",
      protocol: "query",
      signingNames: ["iam"],
      actionPrefix: "iam",
      xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    sdk: "@aws-sdk/client-iam",
    constraints: iamConstraints,
  },
  {
    header: {
      service: "kms",
      apiVersion: "2014-11-01",
      protocol: "json-1.1",
      signingNames: ["kms"],
      actionPrefix: "kms",
      targetPrefix: "TrentService",
    },
    sdk: "@aws-sdk/client-kms",
    constraints: kmsConstraints,
  },
  {
    header: {
      service: "logs",
      apiVersion: "2014-03-28",
      protocol: "json-1.1",
      signingNames: ["logs"],
      actionPrefix: "logs",
      targetPrefix: "Logs_20140328",
      validationError: "InvalidParameterException",
    },
    sdk: "@aws-sdk/client-cloudwatch-logs",
    constraints: logsConstraints,
  },
  {
    header: {
      service: "cloudtrail",
      apiVersion: "2013-11-01",
      protocol: "json-1.1",
      signingNames: ["cloudtrail"],
      actionPrefix: "cloudtrail",
      targetPrefix: "CloudTrail_20131101",
    },
    sdk: "@aws-sdk/client-cloudtrail",
    constraints: cloudtrailConstraints,
  },
  {
    header: {
      service: "lambda",
      apiVersion: "2015-03-31",
      protocol: "rest-json",
      signingNames: ["lambda"],
      actionPrefix: "lambda",
    },
    sdk: "@aws-sdk/client-lambda",
    constraints: lambdaConstraints,
  },
  {
    header: {
      service: "secretsmanager",
      apiVersion: "2017-10-17",
      protocol: "json-1.1",
      signingNames: ["secretsmanager"],
      actionPrefix: "secretsmanager",
      targetPrefix: "secretsmanager",
      validationError: "ValidationException",
    },
    sdk: "@aws-sdk/client-secrets-manager",
    constraints: secretsmanagerConstraints,
  },
  {
    header: {
      service: "s3",
      apiVersion: "2006-03-01",
      protocol: "rest-xml",
      signingNames: ["s3"],
      actionPrefix: "s3",
      xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
      validationError: "InvalidArgument",
      furtherErrors: s3Errors,
    },
    sdk: "@aws-sdk/client-s3",
    constraints: s3Constraints,
  },
];
