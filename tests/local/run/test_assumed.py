"""What a workspace leaves to its account or pipeline: variables, networks, domains, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.copilot.workspace import load_workspace
from ops.local import assumptions
from ops.local.run.assumed import balancers, certificates, imported, secrets
from ops.local.run.assumed.borrowed import Borrowed, give_back
from ops.local.run.assumed.filled import environment_manifest, fill
from ops.local.run.assumed.placeholders import placeholders

if TYPE_CHECKING:
    from pathlib import Path

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

MANIFEST = """\
name: web
type: Load Balanced Web Service
image: {location: "${REGISTRY}/web:${TAG}", port: 80}
cpu: ${CPU}
variables: {TEXT: "\\\\${NOT_ONE}", APP: "${COPILOT_APPLICATION_NAME}"}
environments:
  prod: {http: {path: /, alias: ["www.shop.example.org", "shop.example.org"]}}
  beta: {count: "${COUNT}"}
"""
NETWORK = """\
name: prod
type: Environment
network:
  vpc:
    id: vpc-0123
    subnets:
      public: [{id: subnet-0a}, {id: subnet-0b}]
http: {public: {certificates: ["arn:aws:acm:eu-central-1:123456789012:certificate/abc"]}}
"""
PATCHES = """\
- op: replace
  path: /Resources/HTTPListenerRule/Properties/ListenerArn
  value: {listener}
# value: {commented}
- op: add
  path: /Resources/Service/Properties/LoadBalancers/-
  value: {{TargetGroupArn: {targets}, ContainerName: web, ContainerPort: 80}}
- op: add
  path: /Resources/HTTPSListener/Properties/Certificates
  value: [{{CertificateArn: {certificate}}}]
- op: add
  path: /Resources/TaskDefinition/Properties/ContainerDefinitions/0/Secrets
  value:
    - {{Name: AGENT, ValueFrom: agent-config}}
    - Name: TOKEN
      ValueFrom: !Sub '/${{AppName}}/${{EnvName}}/token'
    - Name: KEY
      ValueFrom: !Sub "arn:aws:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/keys/${{EnvName}}"
    - {{Name: OTHER, ValueFrom: !Sub "/${{Unknown}}/token"}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    web = tmp_path / "copilot" / "web"
    web.mkdir(parents=True)
    (web / "manifest.yml").write_text(MANIFEST)
    return load_workspace(tmp_path, "shop")


def test_each_unset_variable_gets_a_value_that_fits_its_field(workspace: Workspace) -> None:
    found = placeholders(workspace, "beta", {"TAG": "v1"})
    assert found == {"REGISTRY": "placeholder", "CPU": "256", "COUNT": "1"}
    assert "COUNT" not in placeholders(workspace, "prod", {})


def test_the_domain_of_aliases_without_a_certificate(workspace: Workspace) -> None:
    assert imported.domain(workspace, "prod", {}) == "example.org"
    assert imported.domain(workspace, "beta", {}) is None


def test_the_requests_that_the_rules_of_aliases_answer(workspace: Workspace) -> None:
    expected = [("www.shop.example.org", "/"), ("shop.example.org", "/")]
    assert list(imported.requests(workspace, "prod")) == expected
    assert list(imported.requests(workspace, "beta")) == []
    path = workspace.root / "copilot" / "web" / "manifest.yml"
    rules = "additional_rules: [{path: /a/, alias: '*.a.example'}], path: b,"
    path.write_text(path.read_text().replace("path: /,", rules))
    changed = load_workspace(workspace.root, "shop")
    expected = [("www.shop.example.org", "/b"), ("shop.example.org", "/b"), ("www.a.example", "/a")]
    assert list(imported.requests(changed, "prod")) == expected


def test_an_imported_network_and_certificate_have_the_manifests_names(
    workspace: Workspace, aws: EmbeddedAws
) -> None:
    path = workspace.root / "copilot" / "environments" / "prod" / "manifest.yml"
    path.parent.mkdir(parents=True)
    path.write_text(NETWORK)
    assumptions.take()
    manifest = environment_manifest(workspace, "prod", {})
    assert imported.domain(workspace, "prod", manifest) is None
    imported.seed(workspace, "prod", aws, manifest)
    ec2 = aws.client("ec2")
    (vpc,) = ec2.describe_vpcs(VpcIds=["vpc-0123"])["Vpcs"]
    assert vpc["VpcId"] == "vpc-0123"
    subnets = ec2.describe_subnets(SubnetIds=["subnet-0a", "subnet-0b"])["Subnets"]
    assert {each["VpcId"] for each in subnets} == {"vpc-0123"}
    assert len({each["AvailabilityZone"] for each in subnets}) == 2
    arn = "arn:aws:acm:eu-central-1:123456789012:certificate/abc"
    certificate = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["Status"] == "ISSUED"
    assert certificate["DomainName"] == "www.shop.example.org"
    assert len(assumptions.take()) == 2


VARIABLES = """\
name: prod
type: Environment
network:
  vpc: {id: "${NETWORK}", subnets: {public: [{id: "${SUBNET_A}"}, {id: "${SUBNET_B}"}]}}
http: {public: {certificates: ["${CERTIFICATE}"]}}
"""
PLACED = """\
name: web
type: Load Balanced Web Service
image: {location: local, port: 80}
http: {path: /, alias: "${HOST}"}
network: {vpc: {placement: {subnets: ["${SUBNET_A}"]}, security_groups: ["${GROUP}"]}}
"""


def test_what_variables_of_manifests_name_in_the_account_exists(
    workspace: Workspace, aws: EmbeddedAws
) -> None:
    path = workspace.root / "copilot" / "environments" / "prod" / "manifest.yml"
    path.parent.mkdir(parents=True)
    path.write_text(VARIABLES)
    (workspace.root / "copilot" / "web" / "manifest.yml").write_text(PLACED)
    placed = load_workspace(workspace.root, "shop")
    variables = {"NETWORK": "vpc-0123"} | placeholders(placed, "prod", {"NETWORK": "vpc-0123"})
    assert variables["SUBNET_A"] != variables["SUBNET_B"]
    filled = fill(placed, "prod", variables)
    imported.seed(filled, "prod", aws, environment_manifest(placed, "prod", variables))
    assert imported.domain(filled, "prod", {}) == "example.org"
    ec2 = aws.client("ec2")
    subnets = [variables["SUBNET_A"], variables["SUBNET_B"]]
    described = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    assert {subnet["VpcId"] for subnet in described} == {"vpc-0123"}
    assert ec2.describe_security_groups(GroupIds=[variables["GROUP"]])["SecurityGroups"]
    certificate = variables["CERTIFICATE"]
    assert aws.client("acm").describe_certificate(CertificateArn=certificate)["Certificate"]


def test_an_imported_certificate_is_for_all_aliases(workspace: Workspace, aws: EmbeddedAws) -> None:
    arn = "arn:aws:acm:eu-central-1:123456789012:certificate/many"
    names = [f"shop-{number}.example.org" for number in range(30)]
    certificates.seed([arn], names, workspace, aws)
    certificate = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["SubjectAlternativeNames"] == names


def test_an_imported_load_balancer_has_the_manifests_arn_and_a_listener(
    workspace: Workspace, aws: EmbeddedAws
) -> None:
    arn = f"arn:aws:elasticloadbalancing:{aws.region}:110571898731:loadbalancer/app/shared/0123"
    path = workspace.root / "copilot" / "web" / "manifest.yml"
    path.write_text(path.read_text().replace("{path: /,", f"{{path: /, alb: '{arn}',"))
    balancers.seed(load_workspace(workspace.root, "shop"), "prod", aws)
    client = aws.client("elbv2")
    [found] = client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert found["LoadBalancerName"] == "shared"
    listeners = client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert [each["Protocol"] for each in listeners] == ["HTTP", "HTTPS"]


def test_a_borrowed_file_goes_and_a_changed_one_stays(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    borrowed = Borrowed(tmp_path, tmp_path, "test")
    borrowed.name_application("shop")
    manifest = tmp_path / "copilot" / "environments" / "test" / "manifest.yml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("name: test\n")
    borrowed.record()
    manifest.write_text("name: test\n# mine\n")
    give_back(tmp_path, tmp_path)
    assert not (tmp_path / "copilot" / ".workspace").exists()
    assert manifest.exists()
    borrowed.record()
    give_back(tmp_path, tmp_path)
    assert not (tmp_path / "copilot" / "environments").exists()


def test_a_file_that_was_there_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "copilot" / ".workspace"
    path.parent.mkdir()
    path.write_text("application: shop\n")
    borrowed = Borrowed(tmp_path, tmp_path, "test")
    borrowed.name_application("other")
    give_back(tmp_path, tmp_path)
    assert path.read_text() == "application: shop\n"


def test_what_a_build_or_a_colleague_has_is_there_while_it_runs(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    borrowed = Borrowed(tmp_path, tmp_path, "test", ["app/.env"], ["site/dist"])
    assumptions.take()
    borrowed.name_application("shop")
    assert (tmp_path / "app" / ".env").read_text() == ""
    assert "has not run" in (tmp_path / "site" / "dist" / "index.html").read_text()
    assert len(assumptions.take()) == 2
    give_back(tmp_path, tmp_path)
    assert not (tmp_path / "app").exists()
    assert not (tmp_path / "site").exists()


def test_what_patches_name_in_the_account_exists(workspace: Workspace, aws: EmbeddedAws) -> None:
    prefix = f"arn:aws:elasticloadbalancing:{aws.region}:110571898731"
    arns = {
        "listener": f"{prefix}:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2",
        "commented": f"{prefix}:listener/app/old/50dc6c495c0c9188/f2f7dc8efc522ab2",
        "targets": f"{prefix}:targetgroup/legacy/73e2d6bc24d8a067",
        "certificate": "arn:aws:acm:eu-west-2:110571898731:certificate/0cb0afa8",
    }
    path = workspace.root / "copilot" / "web" / "overrides" / "cfn.patches.yml"
    path.parent.mkdir()
    path.write_text(PATCHES.format(**arns))
    packages = path.parent / "node_modules" / "cdk" / "sample.ts"
    packages.parent.mkdir(parents=True)
    packages.write_text("valueFrom: 'not-ours'")
    assumptions.take()
    imported.seed(workspace, "prod", aws, {})
    elbv2 = aws.client("elbv2")
    [listener] = elbv2.describe_listeners(ListenerArns=[arns["listener"]])["Listeners"]
    arn = listener["LoadBalancerArn"]
    assert arn == f"{prefix}:loadbalancer/app/shared/50dc6c495c0c9188"
    [balancer] = elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert balancer["Scheme"] == "internal"
    assert elbv2.describe_target_groups(TargetGroupArns=[arns["targets"]])["TargetGroups"]
    acm = aws.client("acm")
    assert acm.describe_certificate(CertificateArn=arns["certificate"])["Certificate"]
    secrets.seed(workspace, "prod", {}, {}, aws.client)
    parameters = aws.client("ssm").describe_parameters()["Parameters"]
    names = {each["Name"] for each in parameters}
    assert {"agent-config", "/keys/prod", "/shop/prod/token"} <= names
    assert not [name for name in names if "Unknown" in name or name == "not-ours"]
    notes = "\n".join(assumptions.take())
    assert "the secrets /keys/prod, /shop/prod/token and agent-config are `placeholder`" in notes
    for name in ("listener", "targets", "certificate"):
        assert arns[name] in notes
    assert arns["commented"] not in notes


def test_a_topic_of_another_workspace_exists_as_copilot_looks_for_it(
    workspace: Workspace, aws: EmbeddedAws
) -> None:
    worker = workspace.root / "copilot" / "worker"
    worker.mkdir()
    (worker / "manifest.yml").write_text(
        "name: worker\ntype: Worker Service\nimage: {location: local}\nsubscribe:\n  topics:\n"
        "    - {name: orders, service: billing}\n"
        "    - {name: returns, service: billing, queue: {fifo: true}}\n"
        "    - {name: visits, service: web}\n"
    )
    assumptions.take()
    imported.seed(load_workspace(workspace.root, "shop"), "prod", aws, {})
    tags = [{"Key": "copilot-environment", "Values": ["prod"]}, {"Key": "copilot-service"}]
    tagged = aws.client("resourcegroupstaggingapi").get_resources(
        ResourceTypeFilters=["sns"], TagFilters=tags
    )["ResourceTagMappingList"]
    names = [topic["ResourceARN"].rpartition(":")[2] for topic in tagged]
    assert sorted(names) == ["shop-prod-billing-orders", "shop-prod-billing-returns.fifo"]
    assert [note for note in assumptions.take() if "`billing` is not in this workspace" in note]
