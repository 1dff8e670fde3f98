"""The dashboard below a path of another server, behind nginx: signing in, staying signed in, counting by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from playwright.sync_api import Browser, expect

from dashboard.accounts.users import add_user
from tests.e2e.conftest import PASSWORD, new_page, sign_in
from tests.mall import CAME_IN, DAY, NOW, fill_mall, mall_config
from tests.missing import missing
from tools.served import free_port, served

BASE = "/shops/footfall"
SERVE = dedent(f"""
    import sys
    from pathlib import Path
    from dashboard.serving.launch import run
    from tests.mall import mall_config
    config = mall_config(sys.argv[1], Path(sys.argv[2]), port=int(sys.argv[3]))
    dashboard = config.dashboard.model_copy(update={{"base_path": "{BASE}"}})
    run(Path(sys.argv[2]) / "footfall.toml", config.model_copy(update={{"dashboard": dashboard}}))
    """)
# As docs/dashboard.md gives it, with what nginx needs to run without root around it.
PROXY = """
daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location {base}/ {{
      {location}
    }}
  }}
}}
"""


def location_of_docs(port: int) -> str:
    """Return what the docs say belongs into nginx's location, for a dashboard on `port`."""
    text = (Path(__file__).parents[2] / "docs" / "dashboard.md").read_text(encoding="utf-8")
    inside = text.split("location /shops/footfall/ {")[1].split("}")[0]
    return inside.replace("8501", str(port))


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """A dashboard below a path, and nginx in front of it; gives nginx's address."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if nginx is None:
        missing("no nginx; `apt install nginx-light` brings one")
    folder = tmp_path_factory.mktemp("below")
    port, front = free_port(), free_port()
    config = mall_config(f"sqlite:///{folder / 'footfall.db'}", folder, port=port)
    engine = fill_mall(config)
    add_user(engine, "ada", PASSWORD, "admin", [], NOW)
    engine.dispose()
    (folder / "nginx.conf").write_text(
        PROXY.format(folder=folder, port=front, base=BASE, location=location_of_docs(port))
    )
    command = [sys.executable, "-c", SERVE, config.database_url.get_secret_value(), str(folder), str(port)]
    with (folder / "server.log").open("w") as log, served(command, port, log, BASE):
        proxy = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=log)
        try:
            yield f"http://127.0.0.1:{front}"
        finally:
            proxy.terminate()
            proxy.wait(timeout=30)


def test_a_dashboard_below_a_path_signs_in_stays_signed_in_and_opens_the_page_to_count(
    proxied: str, browser: Browser
) -> None:
    page = new_page(browser)
    page.goto(f"{proxied}{BASE}/reports")
    sign_in(page, "ada")
    page.get_by_role("button", name="Today").wait_for()
    page.goto(f"{proxied}{BASE}/?site=main&day={DAY.isoformat()}")
    expect(page.get_by_role("heading", name="Monday 2 March 2026")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").filter(has_text=str(CAME_IN)).first).to_be_visible()
    cookie = next(one for one in page.context.cookies() if one.get("name") == "footfall_session")
    assert cookie.get("path") == BASE
    page.goto(f"{proxied}{BASE}/audits?site=main")
    link = page.get_by_role("link", name="Count by hand")
    assert link.get_attribute("href") == f"{BASE}/footfall/audit"
    page.goto(f"{proxied}{link.get_attribute('href')}")
    expect(page.get_by_text("All audits").first).to_be_attached()
    assert page.request.get(f"{proxied}{BASE}/footfall/audit/places").json()["name"] == "ada"
    page.get_by_role("link", name="All audits").first.click()
    expect(page).to_have_url(f"{proxied}{BASE}/audits")
    refused = page.request.get(f"{proxied}{BASE}/_stcore/metrics")
    page.context.close()
    assert refused.status == 403
