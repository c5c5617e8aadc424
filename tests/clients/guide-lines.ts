import type { Call } from "./managed-calls.ts";

/** A command line, without `aws`, that must succeed; `$name.Member` as in the calls of managed integrations. */
export interface Line extends Pick<Call, "as" | "until"> {
  line: string;
}

const mi = (line: string, more: Omit<Line, "line"> = {}): Line => ({
  line: `iot-managed-integrations ${line}`,
  ...more,
});

/** What is done with connectors, hubs' devices and updates, step by step, by the sections of the reference. */
export const lines: Readonly<Record<string, readonly Line[]>> = {
  "9.9": [
    mi(
      `create-cloud-connector --name guide --description 'a vendor' --endpoint-type LAMBDA
        --endpoint-config '{"lambda":{"arn":"$function"}}' --client-token guide-connector`,
      { as: "gConnector" },
    ),
    mi(
      `create-connector-destination --name dest --description dest --auth-type OAUTH --cloud-connector-id $gConnector.Id
        --auth-config '{"oAuth":{"authUrl":"https://vendor.example.com/oauth2/authorize",
          "tokenUrl":"https://vendor.example.com/oauth2/token","scope":"testScope",
          "tokenEndpointAuthenticationScheme":"HTTP_BASIC","oAuthCompleteRedirectUrl":"about:blank",
          "proactiveRefreshTokenRenewal":{"enabled":false,"DaysBeforeRenewal":30}},
          "GeneralAuthorization":[{"AuthMaterialName":"good","SecretsManager":$secret}]}'
        --secrets-manager '$secret' --client-token guide-destination`,
      { as: "gDestination" },
    ),
    mi("create-account-association --connector-destination-id $gDestination.Id --name guide --description guide", {
      as: "gAssociation",
    }),
    mi("get-account-association --account-association-id $gAssociation.AccountAssociationId"),
    mi("list-account-associations --connector-destination-id $gDestination.Id"),
    mi(
      `create-account-association --connector-destination-id $gDestination.Id
        --general-authorization AuthMaterialName=good`,
      { as: "gLink" },
    ),
    mi("get-account-association --account-association-id $gLink.AccountAssociationId", {
      until: { AssociationState: "ASSOCIATION_SUCCEEDED" },
    }),
    mi(
      "start-device-discovery --discovery-type CLOUD --account-association-id $gLink.AccountAssociationId --client-token g",
      { as: "gSearch" },
    ),
    mi("get-device-discovery --identifier $gSearch.Id"),
    mi(
      `send-connector-event --connector-id $gConnector.Id --user-id ann --operation DEVICE_DISCOVERY
        --operation-version 1.0 --status-code 200 --device-discovery-id $gSearch.Id
        --devices '[{"ConnectorDeviceId":"guide","ConnectorDeviceName":"Bulb","CapabilityReport":{"version":"1.0.0",
          "nodeId":"1","endpoints":[{"id":"1","deviceTypes":["On/Off Light"],"clusters":[{"id":"0x0006","revision":6,
          "attributes":[{"id":"0x0000","value":true}],"commands":["0x00","0x01"],"events":[]}]}]}}]'`,
    ),
    mi("list-discovered-devices --identifier $gSearch.Id", { as: "gFound" }),
    mi(
      `create-managed-thing --role DEVICE --authentication-material-type DISCOVERED_DEVICE
        --authentication-material $gFound.Items.0.AuthenticationMaterial --name bulb`,
      { as: "gBulb" },
    ),
    mi("get-managed-thing --identifier $gBulb.Id", { until: { ProvisioningStatus: "UNASSOCIATED" } }),
    mi(
      `register-account-association --account-association-id $gLink.AccountAssociationId
        --device-discovery-id $gSearch.Id --managed-thing-id $gBulb.Id`,
    ),
    mi("get-managed-thing --identifier $gBulb.Id", { until: { ProvisioningStatus: "ACTIVATED" } }),
    mi(
      `send-managed-thing-command --managed-thing-id $gBulb.Id
        --account-association-id $gLink.AccountAssociationId
        --endpoints '[{"endpointId":"1","capabilities":[{"id":"matter.OnOff@1.4","name":"On/Off","version":"6",
          "actions":[{"name":"On"}]}]}]'`,
    ),
    mi(
      `send-connector-event --connector-id $gConnector.Id --user-id ann --operation DEVICE_EVENT --operation-version 1.0
        --connector-device-id guide
        --matter-endpoint '{"id":"1","clusters":[{"id":"0x0006","attributes":{"0x0000":true}}]}'`,
    ),
    mi(
      `deregister-account-association --account-association-id $gLink.AccountAssociationId
        --managed-thing-id $gBulb.Id`,
    ),
  ],
  "10.5": [
    mi("create-credential-locker --name guide", { as: "gLocker" }),
    mi("update-managed-thing --identifier $hub.Id --credential-locker-id $gLocker.Id"),
    mi(
      `create-managed-thing --role DEVICE --authentication-material-type ZIGBEE_QR_BAR_CODE
        --authentication-material 'Z:00124B0001020304$I:83FED3407A939723A5C639B26916D505C3B5'
        --credential-locker-id $gLocker.Id`,
      { as: "gSensor" },
    ),
    mi("get-managed-thing --identifier $gSensor.Id"),
    mi("get-managed-thing-capabilities --identifier $lamp"),
    mi(
      `send-managed-thing-command --managed-thing-id $lamp
        --endpoints '[{"endpointId":"1","capabilities":[{"id":"matter.OnOff@1.4","name":"On/Off","version":"6",
          "actions":[{"name":"Off","parameters":{}}]}]}]'`,
    ),
    mi("delete-managed-thing --identifier $gSensor.Id --force"),
  ],
  "10.6": [
    mi("start-device-discovery --discovery-type ZIGBEE --controller-identifier $hub.Id", { as: "gPairing" }),
    mi(
      `start-device-discovery --discovery-type ZWAVE --controller-identifier $hub.Id
        --authentication-material-type ZWAVE_INSTALL_CODE --authentication-material 13333`,
    ),
    mi(
      `start-device-discovery --discovery-type CUSTOM --controller-identifier $hub.Id
        --custom-protocol-detail Name=enocean`,
    ),
    mi("list-discovered-devices --identifier $gPairing.Id"),
    mi("get-managed-thing --identifier $lamp", { until: { ProvisioningStatus: "ACTIVATED" } }),
    mi("get-managed-thing-state --managed-thing-id $lamp"),
  ],
  "12": [
    mi("update-managed-thing --identifier $lamp --meta-data owner=managedintegrations"),
    mi(
      `create-ota-task-configuration --name slow --description slow --push-config
        '{"AbortConfig":{"AbortConfigCriteriaList":[{"Action":"CANCEL","FailureType":"FAILED",
          "MinNumberOfExecutedThings":1,"ThresholdPercentage":90.0}]},"RolloutConfig":{"ExponentialRolloutRate":
          {"BaseRatePerMinute":1,"IncrementFactor":3.0,"RateIncreaseCriteria":{"numberOfNotifiedThings":1}},
          "MaximumPerMinute":1},"TimeoutConfig":{"InProgressTimeoutInMinutes":100}}'`,
      { as: "gSlow" },
    ),
    mi("get-ota-task-configuration --identifier $gSlow.TaskConfigurationId"),
    mi(
      `create-ota-task --s3-url $document --protocol HTTP --ota-mechanism PUSH --ota-type ONE_TIME --target $lampArn
        --task-configuration-id $gSlow.TaskConfigurationId --description one
        --ota-task-execution-retry-config 'RetryConfigCriteria=[{FailureType=FAILED,MinNumberOfRetries=2}]'`,
      { as: "gOnce" },
    ),
    mi(
      `create-ota-task --s3-url $document --ota-type CONTINUOUS
        --ota-target-query-string attributes.owner=managedintegrations
        --ota-scheduling-config '{"MaintenanceWindows":[{"StartTime":"cron(0 2 * * ? *)","DurationInMinutes":60}]}'
        --tags env=test`,
      { as: "gAlways" },
    ),
    mi("get-ota-task --identifier $gOnce.TaskId"),
    mi("list-ota-tasks"),
    mi("list-ota-task-executions --identifier $gOnce.TaskId"),
    mi("update-ota-task --identifier $gAlways.TaskId --description nightly"),
    mi("tag-resource --resource-arn $gAlways.TaskArn --tags ring=first"),
    mi("delete-ota-task --identifier $gAlways.TaskId"),
    mi("delete-ota-task --identifier $gOnce.TaskId"),
    mi("delete-ota-task-configuration --identifier $gSlow.TaskConfigurationId"),
  ],
};
