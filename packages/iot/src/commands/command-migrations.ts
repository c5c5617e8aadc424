import type { Migration } from "@hearth/backplane";

const place = "account_id TEXT NOT NULL, region TEXT NOT NULL";
const OPEN = "WHERE status IN ('CREATED', 'IN_PROGRESS')";

export const commandMigrations: readonly Migration[] = [
  {
    room: "iot-commands",
    version: 1,
    name: "commands and their executions",
    statements: [
      `CREATE TABLE iot_command (
        ${place},
        command_id TEXT NOT NULL,
        details BLOB NOT NULL,
        deprecated BIGINT NOT NULL,
        pending_deletion_at BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, command_id)
      )`,
      "CREATE INDEX iot_command_by_age ON iot_command (account_id, region, created_at, command_id)",
      `CREATE TABLE iot_command_parameter (
        ${place},
        parameter_name TEXT NOT NULL,
        command_id TEXT NOT NULL,
        PRIMARY KEY (account_id, region, parameter_name, command_id)
      )`,
      "CREATE INDEX iot_command_parameter_of ON iot_command_parameter (account_id, region, command_id)",
      // target: thing/<name> or client/<id>. is_final: the device has said how it ended, and nothing changes any more.
      `CREATE TABLE iot_command_execution (
        ${place},
        target TEXT NOT NULL,
        execution_id TEXT NOT NULL,
        command_id TEXT NOT NULL,
        status TEXT NOT NULL,
        is_final BIGINT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        started_at BIGINT,
        completed_at BIGINT,
        updated_at BIGINT NOT NULL,
        deadline_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, target, execution_id)
      )`,
      `CREATE INDEX iot_command_execution_of_target
        ON iot_command_execution (account_id, region, target, created_at, execution_id)`,
      `CREATE INDEX iot_command_execution_of_command
        ON iot_command_execution (account_id, region, command_id, created_at, execution_id)`,
      `CREATE INDEX iot_command_execution_ended_of_target
        ON iot_command_execution (account_id, region, target, completed_at, execution_id)
        WHERE completed_at IS NOT NULL`,
      `CREATE INDEX iot_command_execution_ended_of_command
        ON iot_command_execution (account_id, region, command_id, completed_at, execution_id)
        WHERE completed_at IS NOT NULL`,
      `CREATE INDEX iot_command_execution_open_of_target ON iot_command_execution (account_id, region, target) ${OPEN}`,
      `CREATE INDEX iot_command_execution_open_of_command
        ON iot_command_execution (account_id, region, command_id, deadline_at) ${OPEN}`,
    ],
  },
];
