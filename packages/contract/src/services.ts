import { iamModel } from "./generated/iam.js";
import { iotModel } from "./generated/iot.js";
import { iotDataModel } from "./generated/iot-data.js";
import { iotJobsDataModel } from "./generated/iot-jobs-data.js";
import { kinesisModel } from "./generated/kinesis.js";
import { stsModel } from "./generated/sts.js";
import type { ServiceModel } from "./model.ts";

const models: readonly ServiceModel[] = [iotModel, iotDataModel, iotJobsDataModel, kinesisModel, stsModel, iamModel];

/** Every service that Hearth declares, by Hearth's name of it. */
export const services: Readonly<Record<string, ServiceModel>> = Object.fromEntries(
  models.map((model) => [model.service, model]),
);
