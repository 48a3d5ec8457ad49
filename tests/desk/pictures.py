"""`python -m tests.desk.pictures docs/pictures`: take the documents' pictures of a new demo."""

import sys
from pathlib import Path

from .chromium import chromium
from .playing import Agent
from .running import demo

MARTHA, LI = "Martha Williams", "李 小龙"


def work(agent: Agent) -> None:
    """Create the timeline of the first picture."""
    agent.open(MARTHA)
    agent.linked(MARTHA)
    agent.form("Edit Order Tags", "#1013").get_by_label("Tags").fill("sizing, called twice")
    finish(agent)
    agent.form("Cancel Order", "#1001").get_by_label("Reason").select_option(index=1)
    agent.trouble({"kind": "job_fails", "message": "The order is under review."})
    finish(agent)
    agent.trouble()
    agent.form("Edit Order Notes", "#1013").get_by_label("Note").fill("Too small, sends both pairs back")
    finish(agent)
    agent.form("Refund Order", "#1009").get_by_label("Reason").select_option("Customer changed their mind")
    finish(agent)


def finish(agent: Agent) -> None:
    """Submit, and wait for the timeline entry."""
    count = agent.entries.count()
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.entries).to_have_count(count + 1)


def desk(agent: Agent, file: Path) -> None:
    """The whole desk, with an expanded order."""
    for folded in ("#1029", "#1009", "#1001"):
        agent.order(folded).locator("summary").click()
    agent.order("#1013")
    agent.profile.locator(".scroll").evaluate("it => { it.scrollTop = 0 }")
    agent.page.get_by_role("button", name="Close message").click()
    agent.page.mouse.move(0, 0)
    agent.expect(agent.entries.filter(has_text="Refunded $114.00").locator("time")).to_be_visible()
    agent.page.wait_for_timeout(4000)
    agent.page.screenshot(path=file)


def form(agent: Agent, file: Path) -> None:
    """A form in dark mode, with two payment methods to refund."""
    agent.open(LI)
    agent.linked(LI)
    agent.form("Refund Order", "#1016").get_by_label("Reason").select_option("Late or lost in delivery")
    agent.profile.locator(".scroll").evaluate("it => { it.scrollTop = 0 }")
    agent.page.wait_for_timeout(500)
    agent.page.screenshot(path=file)


def main() -> None:
    """Take the pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as facts, chromium() as browser:
        light, dark = Agent(facts, browser, height=1030), Agent(facts, browser, scheme="dark", height=720)
        work(light)
        desk(light, folder / "desk.png")
        form(dark, folder / "form.png")
        for agent in (light, dark):
            agent.leave()


if __name__ == "__main__":
    main()
