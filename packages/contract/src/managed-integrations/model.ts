import type { ServiceModel } from "../model.ts";
import { accountOperations, accountShapes } from "./account.ts";
import { accountAssociationOperations, accountAssociationShapes } from "./account-association.ts";
import { connectorOperations, connectorShapes } from "./connector.ts";
import { connectorDestinationOperations, connectorDestinationShapes } from "./connector-destination.ts";
import { controlOperations, controlShapes } from "./control.ts";
import { credentialLockerOperations, credentialLockerShapes } from "./credential-locker.ts";
import { discoveryOperations, discoveryShapes } from "./discovery.ts";
import { errorShapes } from "./error.ts";
import { logOperations, logShapes } from "./log.ts";
import { managedThingOperations, managedThingShapes } from "./managed-thing.ts";
import { notificationOperations, notificationShapes } from "./notification.ts";
import { otaOperations, otaShapes } from "./ota.ts";
import { provisioningOperations, provisioningShapes } from "./provisioning.ts";
import { schemaOperations, schemaShapes } from "./schema.ts";
import { sharedShapes } from "./shared.ts";
import { tagOperations, tagShapes } from "./tag.ts";

/** Managed integrations for AWS IoT Device Management, the API of 2025-03-03, written by hand: its SDK is not public. */
export const managedIntegrationsModel: ServiceModel = {
  service: "iot-managed-integrations",
  apiVersion: "2025-03-03",
  protocol: "rest-json",
  signingNames: ["iotmanagedintegrations"],
  actionPrefix: "iotmanagedintegrations",
  operations: {
    ...accountOperations,
    ...accountAssociationOperations,
    ...connectorOperations,
    ...connectorDestinationOperations,
    ...controlOperations,
    ...credentialLockerOperations,
    ...discoveryOperations,
    ...logOperations,
    ...managedThingOperations,
    ...notificationOperations,
    ...otaOperations,
    ...provisioningOperations,
    ...schemaOperations,
    ...tagOperations,
  },
  shapes: {
    ...accountShapes,
    ...accountAssociationShapes,
    ...connectorShapes,
    ...connectorDestinationShapes,
    ...controlShapes,
    ...credentialLockerShapes,
    ...discoveryShapes,
    ...errorShapes,
    ...logShapes,
    ...managedThingShapes,
    ...notificationShapes,
    ...otaShapes,
    ...provisioningShapes,
    ...schemaShapes,
    ...sharedShapes,
    ...tagShapes,
  },
};
