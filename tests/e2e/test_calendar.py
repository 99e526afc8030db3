# SPDX-License-Identifier: Apache-2.0
"""Months are those of the exchange: the same daily bars as dates, with an offset, in a zone, and as Parquet of a zone."""
import json

import pandas as pd
import pytest
from conftest import ok, sma, write_config

FORMS = {
    "offset": lambda day: f"{day}T00:00:00+09:00",
    "zone": lambda day: f"{day}T00:00:00",
    "instant and zone": lambda day: (pd.Timestamp(day, tz="Asia/Tokyo").tz_convert("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "seconds and zone": lambda day: str(int(pd.Timestamp(day, tz="Asia/Tokyo").timestamp())),
}


def monthly(folder, ws, run, data):
    config = folder / f"{run}.json"
    write_config(config, [(s, p) for s, p, _ in data], [sma([3, 5, 8], [15, 20, 30])], ppy=252)
    document = json.loads(config.read_text())
    for entry, (_, _, zone) in zip(document["data"], data):
        if zone: entry["zone"] = zone
    config.write_text(json.dumps(document))
    ok("sweep", config, "--run-id", run, ws=ws)
    answer = ok("analyze", run, "--min-sharpe", -100, "--min-trades", 0, "--min-win-rate", 0, "--max-drawdown", 1, ws=ws)
    return answer["monthly_returns"], answer["notes"]


@pytest.fixture(scope="module")
def daily(market):
    frame = pd.read_csv(market.sim01)
    frame["timestamp"] = frame["timestamp"].str[:10]
    return frame


@pytest.mark.parametrize("form", [*FORMS, "parquet"])
def test_months_are_the_exchange_s(folder, ws, daily, form):
    daily.to_csv(folder / "dates.csv", index=False)
    expected, _ = monthly(folder, ws, "dates", [("N", folder / "dates.csv", "")])
    assert expected["calendar"] == "UTC" and len(expected["years"]) > 3
    if form == "parquet":
        file = folder / "n.parquet"
        daily.assign(timestamp=pd.to_datetime(daily["timestamp"]).dt.tz_localize("Asia/Tokyo")).to_parquet(file, index=False)
    else:
        file = folder / "n.csv"
        daily.assign(timestamp=[FORMS[form](day) for day in daily["timestamp"]]).to_csv(file, index=False)
    found, _ = monthly(folder, ws, "tokyo", [("N", file, "Asia/Tokyo" if "zone" in form else "")])
    assert found.pop("calendar") == "exchange" and expected.pop("calendar")
    assert found == expected


def test_exchanges_with_several_clocks_are_counted_by_utc_and_told(folder, ws, market, daily):
    other = pd.read_csv(market.sim02)
    daily.assign(timestamp=[FORMS["offset"](day) for day in daily["timestamp"]]).to_csv(folder / "n.csv", index=False)
    other.assign(timestamp=[f"{day[:10]}T00:00:00-05:00" for day in other["timestamp"]]).to_csv(folder / "s.csv", index=False)
    found, notes = monthly(folder, ws, "both", [("N", folder / "n.csv", ""), ("S", folder / "s.csv", "")])
    assert found["calendar"] == "UTC" and any("different clocks" in note for note in notes), notes
