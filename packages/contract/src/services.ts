import { cloudtrailModel } from "./generated/cloudtrail.js";
import { iamModel } from "./generated/iam.js";
import { iotModel } from "./generated/iot.js";
import { iotDataModel } from "./generated/iot-data.js";
import { iotJobsDataModel } from "./generated/iot-jobs-data.js";
import { kinesisModel } from "./generated/kinesis.js";
import { kmsModel } from "./generated/kms.js";
import { lambdaModel } from "./generated/lambda.js";
import { logsModel } from "./generated/logs.js";
import { s3Model } from "./generated/s3.js";
import { secretsmanagerModel } from "./generated/secretsmanager.js";
import { stsModel } from "./generated/sts.js";
import { hearthModel } from "./hearth/model.ts";
import { managedIntegrationsModel } from "./managed-integrations/model.ts";
import type { ServiceModel, StructureShape } from "./model.ts";

/** The modelled error of an operation that is declared and not built. Every service has it. */
export const notImplementedException: StructureShape = {
  type: "structure",
  members: { message: { shape: "NotImplementedMessage" } },
  error: { status: 501 },
};

const models: readonly ServiceModel[] = [
  managedIntegrationsModel,
  iotModel,
  iotDataModel,
  iotJobsDataModel,
  kinesisModel,
  stsModel,
  iamModel,
  kmsModel,
  logsModel,
  cloudtrailModel,
  lambdaModel,
  secretsmanagerModel,
  s3Model,
  hearthModel,
];

/** Every service that Hearth declares, by Hearth's name of it. */
export const services: Readonly<Record<string, ServiceModel>> = Object.fromEntries(
  models.map((model) => [
    model.service,
    {
      ...model,
      shapes: {
        ...model.shapes,
        NotImplementedMessage: { type: "string" },
        NotImplementedException: notImplementedException,
      },
    },
  ]),
);
