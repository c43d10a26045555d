"""Calls what the product uses, as boto3 does, and holds every answer against the services' own models.

Prints one line for each member that a model does not know, that is missing although required, or whose value is of
another type; `unknown values` of closed lists are such faults too. What was called goes to stderr.
"""
import json
import sys
import xml.etree.ElementTree as xml
from datetime import datetime

import boto3
from botocore.config import Config

account = sys.argv[1]
faults = []
config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
texts = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": lambda text: datetime.fromisoformat(text.replace("Z", "+00:00")),
    "boolean": lambda text: {"true": True, "false": False}[text],
}


def local(element):
    return element.tag.split("}")[-1]


class Judge:
    def __init__(self, call):
        self.call = call

    def fault(self, path, what):
        faults.append(f"{self.call} {path}: {what}")

    def check_enum(self, shape, value, path):
        if getattr(shape, "enum", None) and value and value not in shape.enum:
            self.fault(path, f"unknown value {value}")

    def required(self, shape, present, path):
        for name in shape.required_members:
            if name not in present:
                self.fault(path, f"{name} is missing")

    def json(self, shape, value, path):
        kind = shape.type_name
        if kind == "structure":
            for name, inner in value.items():
                if name in shape.members:
                    self.json(shape.members[name], inner, f"{path}.{name}")
                else:
                    self.fault(path, f"unknown member {name}")
            self.required(shape, value, path)
        elif kind == "list":
            for inner in value:
                self.json(shape.member, inner, f"{path}[]")
        elif kind == "map":
            for inner in value.values():
                self.json(shape.value, inner, f"{path}{{}}")
        elif kind == "string":
            if not isinstance(value, str):
                self.fault(path, f"{value!r} is no text")
            self.check_enum(shape, value, path)
        elif kind == "boolean" and not isinstance(value, bool):
            self.fault(path, f"{value!r} is no boolean")
        elif kind in ("integer", "long", "timestamp") and isinstance(value, (str, bool)):
            self.fault(path, f"{value!r} is no number")

    def element(self, shape, element, path):
        kind = shape.type_name
        if kind == "structure":
            self.structure(shape, element, path)
        elif kind == "list":
            for inner in element:
                name = shape.member.serialization.get("name", "member")
                if local(inner) != name:
                    self.fault(path, f"an entry is named {local(inner)}, not {name}")
                self.element(shape.member, inner, f"{path}[]")
        elif kind == "string":
            self.check_enum(shape, element.text, path)
        elif kind in texts and not (kind == "timestamp" and element.text is None):
            try:
                texts[kind](element.text)
            except (KeyError, TypeError, ValueError):
                self.fault(path, f"{element.text!r} is no {kind}")

    def structure(self, shape, element, path):
        names = {}
        for name, member in shape.members.items():
            serial = member.serialization
            if member.type_name == "list" and serial.get("flattened"):
                names[member.member.serialization.get("name") or serial.get("name", name)] = (name, member.member)
                names.setdefault(serial.get("name", name), (name, member.member))
            else:
                names[serial.get("name", name)] = (name, member)
        present = set()
        for inner in element:
            if local(inner) not in names:
                self.fault(path, f"unknown member {local(inner)}")
                continue
            name, member = names[local(inner)]
            present.add(name)
            self.element(member, inner, f"{path}.{name}")
        in_body = [name for name, member in shape.members.items() if "location" not in member.serialization]
        for name in shape.required_members:
            if name in in_body and name not in present:
                self.fault(path, f"{name} is missing")


def judge(response_dict, operation_model, **_):
    call = f"{operation_model.service_model.service_name} {operation_model.name}"
    print(call, file=sys.stderr)
    shape = operation_model.output_shape
    body = response_dict["body"]
    if response_dict["status_code"] >= 300 or shape is None or not body or shape.serialization.get("payload"):
        return
    protocol = operation_model.service_model.metadata["protocol"]
    if protocol == "json":
        Judge(call).json(shape, json.loads(body), "")
        return
    root = xml.fromstring(body)
    if protocol == "query":
        root = next((child for child in root if local(child) == f"{operation_model.name}Result"), root)
    if protocol == "ec2":
        root.remove(next(child for child in root if local(child) == "requestId"))
    if shape.members and list(root):
        Judge(call).structure(shape, root, "")


def client(name):
    made = boto3.client(name, config=config)
    made.meta.events.register("before-parse.*.*", judge)
    return made


def wait(client, waiter, **asked):
    """The usual delays are real time, and some waits take more than one look."""
    client.get_waiter(waiter).wait(**asked, WaiterConfig={"Delay": 1})


def used(environment, database, zone, bucket, template):
    sts = client("sts")
    sts.get_caller_identity()
    role = f"arn:aws:iam::{account}:role/cdk-hnb659fds-deploy-role-{account}-ap-southeast-2"
    sts.assume_role(RoleArn=role, RoleSessionName="session")

    s3 = client("s3")
    s3.list_buckets()
    s3.head_bucket(Bucket=bucket)
    s3.get_bucket_location(Bucket=bucket)
    s3.get_bucket_encryption(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a b/ü&.json", Body=template.encode(), IfNoneMatch="*")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a b/ü&.json"]
    assert s3.get_object(Bucket=bucket, Key="a b/ü&.json")["Body"].read().decode() == template
    s3.list_object_versions(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a b/ü&.json")

    beanstalk = client("elasticbeanstalk")
    application = beanstalk.describe_environments(EnvironmentNames=[environment])["Environments"][0]["ApplicationName"]
    beanstalk.describe_configuration_settings(ApplicationName=application, EnvironmentName=environment)
    option = {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType", "Value": "enhanced"}
    beanstalk.update_environment(EnvironmentName=environment, OptionSettings=[option])
    wait(beanstalk, "environment_updated", EnvironmentNames=[environment])
    beanstalk.describe_environment_health(EnvironmentName=environment, AttributeNames=["All"])
    beanstalk.describe_instances_health(EnvironmentName=environment, AttributeNames=["All"])
    assert list(beanstalk.get_paginator("describe_events").paginate(EnvironmentName=environment, PaginationConfig={"PageSize": 1}))
    beanstalk.describe_applications()
    beanstalk.describe_application_versions(ApplicationName=application)
    beanstalk.list_platform_versions()
    resources = beanstalk.describe_environment_resources(EnvironmentName=environment)["EnvironmentResources"]
    arn = beanstalk.describe_environments(EnvironmentNames=[environment])["Environments"][0]["EnvironmentArn"]
    beanstalk.list_tags_for_resource(ResourceArn=arn)

    group = resources["AutoScalingGroups"][0]["Name"]
    scaling = client("autoscaling")
    scaling.suspend_processes(AutoScalingGroupName=group, ScalingProcesses=["Launch"])
    scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    scaling.resume_processes(AutoScalingGroupName=group, ScalingProcesses=["Launch"])
    scaling.describe_scaling_activities(AutoScalingGroupName=group)
    scaling.describe_auto_scaling_instances()

    instance = resources["Instances"][0]["Id"]
    ec2 = client("ec2")
    ec2.describe_instances(InstanceIds=[instance])
    ec2.describe_security_groups()
    ec2.describe_subnets()
    ec2.describe_vpcs()
    wait(ec2, "instance_running", InstanceIds=[instance])
    balancing = client("elbv2")
    balancing.describe_load_balancers()
    for target_group in balancing.describe_target_groups()["TargetGroups"]:
        balancing.describe_target_health(TargetGroupArn=target_group["TargetGroupArn"])

    waf = client("wafv2")
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "clients"}
    scope = {"Name": "clients", "Scope": "REGIONAL"}
    addresses = waf.create_ip_set(**scope, IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])["Summary"]
    search = {
        "ByteMatchStatement": {
            "SearchString": b"open",
            "FieldToMatch": {"UriPath": {}},
            "PositionalConstraint": "EXACTLY",
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        }
    }
    either = {"OrStatement": {"Statements": [{"IPSetReferenceStatement": {"ARN": addresses["ARN"]}}, search]}}
    rule = {"Name": "a", "Priority": 0, "Action": {"Allow": {}}, "VisibilityConfig": visibility, "Statement": either}
    page = {"page": {"ContentType": "TEXT_PLAIN", "Content": "closed"}}
    block = {"Block": {"CustomResponse": {"ResponseCode": 503, "CustomResponseBodyKey": "page"}}}
    content = {"DefaultAction": block, "CustomResponseBodies": page, "Rules": [rule], "VisibilityConfig": visibility}
    acl = waf.create_web_acl(**scope, **content, Tags=[{"Key": "a", "Value": "b"}])["Summary"]
    acl_id = {**scope, "Id": acl["Id"]}
    token = waf.update_web_acl(**acl_id, **content, LockToken=acl["LockToken"])["NextLockToken"]
    assert waf.get_web_acl(ARN=acl["ARN"])["WebACL"]["Rules"] == [rule]
    waf.list_web_acls(Scope="REGIONAL")
    waf.list_tags_for_resource(ResourceARN=acl["ARN"])
    door = {"ResourceArn": resources["LoadBalancers"][0]["Name"]}
    waf.get_web_acl_for_resource(**door)
    waf.associate_web_acl(WebACLArn=acl["ARN"], **door)
    waf.get_web_acl_for_resource(**door)
    waf.list_resources_for_web_acl(WebACLArn=acl["ARN"])
    waf.disassociate_web_acl(**door)
    waf.delete_web_acl(**acl_id, LockToken=token)
    set_id = {**scope, "Id": addresses["Id"]}
    token = waf.update_ip_set(**set_id, Addresses=[], LockToken=addresses["LockToken"])["NextLockToken"]
    waf.get_ip_set(**set_id)
    waf.list_ip_sets(Scope="REGIONAL")
    waf.delete_ip_set(**set_id, LockToken=token)

    ssm = client("ssm")
    ssm.put_parameter(Name="/clients/a", Value="1", Type="SecureString")
    ssm.get_parameter(Name="/clients/a", WithDecryption=True)
    ssm.get_parameters(Names=["/clients/a"])
    assert len(list(ssm.get_paginator("describe_parameters").paginate(PaginationConfig={"PageSize": 2}))) > 1
    ssm.get_parameters_by_path(Path="/clients")
    ssm.get_parameter_history(Name="/clients/a")
    ssm.describe_instance_information()
    sent = ssm.send_command(
        DocumentName="AWS-RunShellScript",
        InstanceIds=[instance],
        Parameters={"commands": ["echo hello"]},
        OutputS3BucketName=bucket,
    )["Command"]["CommandId"]
    wait(ssm, "command_executed", CommandId=sent, InstanceId=instance)
    assert ssm.get_command_invocation(CommandId=sent, InstanceId=instance)["StandardOutputContent"] == "hello\n"
    ssm.list_commands(CommandId=sent)
    ssm.list_command_invocations(CommandId=sent, Details=True)

    iam = client("iam")
    for role in iam.list_roles()["Roles"]:
        iam.get_role(RoleName=role["RoleName"])
        iam.list_attached_role_policies(RoleName=role["RoleName"])
        iam.list_role_policies(RoleName=role["RoleName"])
        iam.list_instance_profiles_for_role(RoleName=role["RoleName"])

    rds = client("rds")
    rds.describe_db_instances(DBInstanceIdentifier=database)
    rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="clients", Tags=[{"Key": "a", "Value": "b"}])
    wait(rds, "db_snapshot_available", DBSnapshotIdentifier="clients")
    rds.describe_db_snapshots(DBSnapshotIdentifier="clients")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="clients", DBSnapshotIdentifier="clients", DBInstanceClass="db.t3.small"
    )
    wait(rds, "db_instance_available", DBInstanceIdentifier="clients")
    rds.modify_db_instance(DBInstanceIdentifier="clients", BackupRetentionPeriod=3, ApplyImmediately=True)
    wait(rds, "db_instance_available", DBInstanceIdentifier="clients")
    rds.delete_db_instance(DBInstanceIdentifier="clients", SkipFinalSnapshot=True)
    wait(rds, "db_instance_deleted", DBInstanceIdentifier="clients")
    rds.delete_db_snapshot(DBSnapshotIdentifier="clients")
    wait(rds, "db_snapshot_deleted", DBSnapshotIdentifier="clients")
    rds.describe_db_engine_versions(Engine="postgres")

    formation = client("cloudformation")
    formation.validate_template(TemplateBody=template)
    formation.create_change_set(StackName="Clients", ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=template)
    wait(formation, "change_set_create_complete", StackName="Clients", ChangeSetName="one")
    formation.describe_change_set(StackName="Clients", ChangeSetName="one", IncludePropertyValues=True)
    formation.list_change_sets(StackName="Clients")
    formation.execute_change_set(StackName="Clients", ChangeSetName="one")
    wait(formation, "stack_create_complete", StackName="Clients")
    for stack in ("Clients", "CobaltBlue"):
        formation.describe_stacks(StackName=stack)
        formation.describe_stack_events(StackName=stack)
        formation.describe_stack_resources(StackName=stack)
        formation.list_stack_resources(StackName=stack)
        formation.get_template(StackName=stack)
        formation.get_template_summary(StackName=stack)
        formation.get_stack_policy(StackName=stack)
        drift = formation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
        formation.describe_stack_drift_detection_status(StackDriftDetectionId=drift)
        formation.describe_stack_resource_drifts(StackName=stack)
    formation.list_stacks()
    formation.delete_stack(StackName="Clients")
    wait(formation, "stack_delete_complete", StackName="Clients")

    route53 = client("route53")
    route53.list_hosted_zones()
    route53.get_hosted_zone(Id=zone)
    assert list(route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 1}))
    name = route53.get_hosted_zone(Id=zone)["HostedZone"]["Name"]
    record = {"Name": f"clients.{name}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    change = route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]["Id"]
    wait(route53, "resource_record_sets_changed", Id=change)


used(*sys.argv[2:])
print(json.dumps(sorted(set(faults)), ensure_ascii=False))
