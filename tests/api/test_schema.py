"""The document that is served is the one the code makes, and the reference page shows all of it."""

import pytest
import yaml
from django.urls import reverse

from marketplace.api.reference import SCHEMA, written


def test_the_document_is_up_to_date():
    assert written() == SCHEMA.read_text(), "run manage.py write_schema"


@pytest.mark.django_db
def test_the_document_and_the_page_are_open_to_everybody(client):
    assert b"openapi: 3" in b"".join(client.get(reverse("api:schema")).streaming_content)
    page = client.get(reverse("api:docs")).content.decode()
    for address in yaml.safe_load(SCHEMA.read_text())["paths"]:
        assert address in page
    assert " style=" not in page


def test_every_operation_says_how_it_can_fail():
    for address, methods in yaml.safe_load(SCHEMA.read_text())["paths"].items():
        for method, operation in methods.items():
            if (
                "/api/v1/" in address
                and method in ("post", "patch", "delete", "put")
                and "auth" not in address
            ):
                assert {"401", "404", "429"} <= set(operation["responses"]), f"{method} {address}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["nothing/", "projects/zzzzzzzzzzzz/", "projects/%00/", "offers/UPPER/accept/"]
)
def test_an_address_that_is_not_there_is_a_problem_document(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code in (400, 401, 404)
