"""Does what people's scripts do: waits with the library's own waiters, and pages with its own paginators.

It prints a line of JSON for each, {"what", "ended"}, which is "ok" or what was thrown.
"""
import json
import sys

import botocore.session

known = json.loads(sys.argv[1])
session = botocore.session.get_session()
clients = {}


def client(service):
    if service not in clients:
        clients[service] = session.create_client(service)
    return clients[service]


def attempt(what, work):
    try:
        work()
        ended = "ok"
    except Exception as error:
        ended = f"{type(error).__name__}: {error}"
    print(json.dumps({"what": what, "ended": ended}), flush=True)


def wait(service, waiter, **asked):
    attempt(waiter, lambda: client(service).get_waiter(waiter).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 90}, **asked))


def page(service, operation, key, size, **asked):
    """The same in small pages as in large ones."""

    def pages(config):
        found = client(service).get_paginator(operation).paginate(PaginationConfig=config, **asked)
        return [[str(each) for each in page.get(key, [])] for page in found]

    def compare():
        whole, parts = sum(pages({}), []), pages({"PageSize": size})
        assert sum(parts, []) == whole and len(parts) > 1, f"{parts} is not {whole} in more than one page"

    attempt(operation, compare)


def template(value):
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/script", "Type": "String", "Value": value}}
    return json.dumps({"Resources": {"Parameter": parameter}})


rds, stacks, beanstalk = client("rds"), client("cloudformation"), client("elasticbeanstalk")
database, web, zone, bucket = known["database"], known["web"], known["zone"], known["bucket"]

rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="script")
wait("rds", "db_snapshot_completed", DBSnapshotIdentifier="script")
wait("rds", "db_snapshot_available", DBSnapshotIdentifier="script")
wait("rds", "db_instance_available", DBInstanceIdentifier=database)
rds.delete_db_snapshot(DBSnapshotIdentifier="script")
wait("rds", "db_snapshot_deleted", DBSnapshotIdentifier="script")

stacks.create_stack(StackName="script", TemplateBody=template("1"))
wait("cloudformation", "stack_create_complete", StackName="script")
wait("cloudformation", "stack_exists", StackName="script")
stacks.create_change_set(StackName="script", ChangeSetName="two", TemplateBody=template("2"))
wait("cloudformation", "change_set_create_complete", StackName="script", ChangeSetName="two")
stacks.execute_change_set(StackName="script", ChangeSetName="two")
wait("cloudformation", "stack_update_complete", StackName="script")
stacks.delete_stack(StackName="script")
wait("cloudformation", "stack_delete_complete", StackName="script")

wait("elasticbeanstalk", "environment_exists", EnvironmentNames=[web])
option = {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "SCRIPT", "Value": "1"}
beanstalk.update_environment(EnvironmentName=web, OptionSettings=[option])
wait("elasticbeanstalk", "environment_updated", EnvironmentNames=[web])

record = {"Name": f"script.{known['zoneName']}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
change = client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]["Id"]
wait("route53", "resource_record_sets_changed", Id=change)

for key in ("script/a", "script/b", "script/c"):
    client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
wait("s3", "bucket_exists", Bucket=bucket)
wait("s3", "object_exists", Bucket=bucket, Key="script/a")
wait("s3", "object_not_exists", Bucket=bucket, Key="script/z")

instance = beanstalk.describe_environment_resources(EnvironmentName=web)["EnvironmentResources"]["Instances"][0]["Id"]
for _ in range(2):
    command = client("ssm").send_command(
        InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]}
    )["Command"]["CommandId"]
    wait("ssm", "command_executed", CommandId=command, InstanceId=instance)

page("elasticbeanstalk", "describe_events", "Events", 2)
page("elasticbeanstalk", "describe_application_versions", "ApplicationVersions", 1)
page("route53", "list_resource_record_sets", "ResourceRecordSets", 2, HostedZoneId=zone)
page("ssm", "get_parameters_by_path", "Parameters", 2, Path="/cobalt", Recursive=True)
page("ssm", "list_commands", "Commands", 1)
page("s3", "list_objects_v2", "Contents", 1, Bucket=bucket, Prefix="script/")
page("s3", "list_object_versions", "Versions", 1, Bucket=bucket, Prefix="script/")
page("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", 1)
page("iam", "list_roles", "Roles", 1)
