# SPDX-License-Identifier: Apache-2.0
"""Returns beside a benchmark: figures against numpy and pandas, alignment on time, and what is not covered is said."""
import json

import numpy as np
import pandas as pd
import pytest
from conftest import fails, ok, sma, tw, write_config


def make_series(seed=11, bars=900):
    draw = np.random.default_rng(seed)
    other = draw.normal(0.0004, 0.01, bars)
    own = 0.0002 + 0.6 * other + draw.normal(0, 0.006, bars)
    own[draw.random(bars) < 0.1] = 0
    return pd.DataFrame({"timestamp": pd.bdate_range("2016-01-04", periods=bars), "r": own, "b": other})


@pytest.fixture
def frame(folder):
    frame = make_series()
    frame.to_csv(folder / "f.csv", index=False)
    return frame


def of(file, *options):
    return ok("metrics", file, "--column", "r", "--periods-per-year", 252, *options)


def close(got, want, rel=1e-9):
    assert got == pytest.approx(want, rel=rel, abs=1e-12)


def test_tails_and_shape_are_numpys(folder, frame):
    found, r = of(folder / "f.csv", "--sharpe-benchmark", 0.5), frame.r.to_numpy()
    m, luck = found["metrics"], found["luck"]
    low, high, gap = np.quantile(r, 0.05), np.quantile(r, 0.95), r - r.mean()
    equity = np.cumprod(1 + r)
    depth = 1 - equity / np.maximum.accumulate(np.concatenate([[1], equity]))[1:]
    traded = r[r != 0]
    runs = lambda hit: max(len(part) for part in "".join("x" if h else " " for h in hit).split(" "))
    skew, kurtosis = (gap**3).mean() / (gap**2).mean() ** 1.5, (gap**4).mean() / (gap**2).mean() ** 2
    sharpe = r.mean() / r.std(ddof=1) - 0.5 / 252**0.5
    spread = 1 - skew * r.mean() / r.std(ddof=1) + (kurtosis - 1) / 4 * (r.mean() / r.std(ddof=1)) ** 2
    for name, want in {
        "value_at_risk": -low, "conditional_value_at_risk": -r[r <= low].mean(), "tail_ratio": high / -low, "skewness": skew, "kurtosis": kurtosis,
        "best_bar": r.max(), "worst_bar": r.min(), "ulcer_index": np.sqrt((depth**2).mean()), "omega": r[r > 0].sum() / -r[r < 0].sum(),
        "gain_to_pain": r.sum() / -r[r < 0].sum(), "expectancy": traded.mean(), "payoff_ratio": r[r > 0].mean() / -r[r < 0].mean(),
        "sqn": np.sqrt(len(traded)) * traded.mean() / traded.std(ddof=1), "longest_winning_streak": runs(r > 0), "longest_losing_streak": runs(r < 0),
        "time_in_market": (r != 0).mean(),
    }.items():
        close(m[name], want)
    from statistics import NormalDist
    assert luck["sharpe_benchmark"] == 0.5 and luck["undefined"] == {}
    close(luck["min_track_record"], 1 + spread * (1.6448536269514722 / sharpe) ** 2)
    close(luck["psr"], NormalDist().cdf(sharpe * np.sqrt(len(r) - 1) / np.sqrt(spread)))


def expected(r, b, rf=0.0):
    cov, active = np.cov(r, b, ddof=1), r - b
    beta = cov[0, 1] / cov[1, 1]
    annual = lambda v: np.prod(1 + v) ** (252 / len(v)) - 1
    return {"beta": beta, "alpha": ((r - rf).mean() - beta * (b - rf).mean()) * 252, "correlation": cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]),
            "r_squared": cov[0, 1] ** 2 / (cov[0, 0] * cov[1, 1]), "tracking_error": active.std(ddof=1) * 252**0.5,
            "information_ratio": active.mean() / active.std(ddof=1) * 252**0.5, "up_capture": annual(r[b > 0]) / annual(b[b > 0]),
            "down_capture": annual(r[b < 0]) / annual(b[b < 0]), "treynor": (r - rf).mean() * 252 / beta, "batting_average": (r - b > 1e-12).mean(), "bars": len(r)}


def test_a_sharpe_ratio_below_the_benchmark_has_no_track_record(folder, frame):
    luck = of(folder / "f.csv", "--sharpe-benchmark", 9)["luck"]
    assert luck["min_track_record"] is None and luck["undefined"] == {"min_track_record": "not_above_benchmark"} and luck["psr"] < 0.01


def test_a_column_is_the_benchmark(folder, frame):
    found = of(folder / "f.csv", "--benchmark", "b", "--risk-free", "2%")
    for name, want in expected(frame.r.to_numpy(), frame.b.to_numpy(), 1.02 ** (1 / 252) - 1).items():
        close(found["benchmark"][name], want)
    yearly = frame.groupby(frame.timestamp.dt.year)[["r", "b"]].apply(lambda part: (1 + part).prod() - 1)
    assert [one["year"] for one in found["benchmark"]["yearly"]] == list(yearly.index)
    for one, (own, other) in zip(found["benchmark"]["yearly"], yearly.to_numpy()):
        close([one["return"], one["benchmark"], one["excess"]], [own, other, own - other])


def test_a_price_file_with_other_hours_and_a_later_start_is_aligned_by_day(folder, frame):
    prices = pd.DataFrame({"timestamp": frame.timestamp.dt.strftime("%Y-%m-%dT21:00:00Z"), "volume": 1, "close": 100 * np.cumprod(1 + frame.b)})
    prices.iloc[300:].to_csv(folder / "p.csv", index=False)
    found = of(folder / "f.csv", "--benchmark", folder / "p.csv")
    for name, want in expected(frame.r.to_numpy()[301:], frame.b.to_numpy()[301:]).items():  # the first price makes no return
        close(found["benchmark"][name], want)
    assert found["benchmark"]["left_out"] == 301
    assert any("301 of 900 bars" in note and "it covers 2017-02-27" in note for note in found["notes"])
    assert any("aligned by day" in note for note in found["notes"])


def test_a_benchmark_with_more_rows_is_compounded_between_the_bars(folder, frame):
    weekly = frame.set_index("timestamp").resample("W-FRI").apply(lambda part: (1 + part).prod() - 1)
    weekly.r.to_frame().to_csv(folder / "w.csv")
    frame[["timestamp", "b"]].to_csv(folder / "b.csv", index=False)
    found = ok("metrics", folder / "w.csv", "--column", "r", "--periods-per-year", 252, "--benchmark", folder / "b.csv")
    assert weekly.index[-1] == frame.timestamp.iloc[-1]
    for name, want in expected(weekly.r.to_numpy()[1:], weekly.b.to_numpy()[1:]).items():  # where the first week begins is not known
        close(found["benchmark"][name], want)


def test_prices_have_a_benchmark_of_prices(folder, frame):
    prices = pd.DataFrame({"timestamp": frame.timestamp, "r": 50 * np.cumprod(1 + frame.r), "b": 100 * np.cumprod(1 + frame.b)})
    prices.to_csv(folder / "prices.csv", index=False)
    found = of(folder / "prices.csv", "--prices", "--benchmark", "b")
    for name, want in expected(frame.r.to_numpy()[1:], frame.b.to_numpy()[1:]).items():
        close(found["benchmark"][name], want, rel=1e-6)
    refused = of(folder / "f.csv", "--benchmark", folder / "prices.csv")
    assert refused["benchmark"]["bars"] == 899  # of a file that can only be prices, returns are made
    assert any("read as prices" in note for note in refused["notes"])


def test_a_risk_free_series_is_taken_off_bar_by_bar(folder, frame):
    frame["rf"] = np.linspace(0, 0.0002, len(frame))
    frame.to_csv(folder / "f.csv", index=False)
    frame[["timestamp", "rf"]].to_csv(folder / "rf.csv", index=False)
    excess = frame.r - frame.rf
    for source in ("rf", folder / "rf.csv"):
        found = of(folder / "f.csv", "--benchmark", "b", "--risk-free", source)
        close(found["metrics"]["sharpe_ratio"], excess.mean() / excess.std(ddof=1) * 252**0.5)
        close(found["benchmark"]["alpha"], (excess.mean() - found["benchmark"]["beta"] * (frame.b - frame.rf).mean()) * 252)
        assert found["risk_free"] == str(source)
    assert of(folder / "f.csv", "--risk-free", 0.02)["risk_free"] == 0.02
    for option in (["--intervals"], ["--rolling", 20]):
        refused = fails(2, "metrics", folder / "f.csv", "--column", "r", "--periods-per-year", 252, "--risk-free", "rf", *option)
        assert "one risk-free rate" in refused["message"]


def test_the_calendar_is_pandas(folder, frame):
    found, r = of(folder / "f.csv")["calendar"], frame.set_index("timestamp").r
    grow = lambda part: (1 + part).prod() - 1
    months, years = r.resample("MS").apply(grow), r.resample("YS").apply(grow)
    for period, series, form in (("day", r, "%Y-%m-%d"), ("month", months, "%Y-%m"), ("year", years, "%Y")):
        assert found[f"best_{period}"]["date"] == series.idxmax().strftime(form) and found[f"worst_{period}"]["date"] == series.idxmin().strftime(form)
        close([found[f"best_{period}"]["return"], found[f"worst_{period}"]["return"]], [series.max(), series.min()])
    assert found["months"] == len(months) and found["winning_months"] == (months > 0).sum()
    table = found["monthly_returns"]
    got = {(year, month): value for year, row in zip(table["years"], table["returns"]) for month, value in enumerate(row, 1) if value is not None}
    assert got.keys() == {(day.year, day.month) for day in months.index}
    for day, value in months.items(): close(got[day.year, day.month], value)
    close(table["totals"], list(years))


def test_what_a_benchmark_has_not_has_a_reason(folder, frame):
    frame.assign(b=0.0).to_csv(folder / "f.csv", index=False)
    found = of(folder / "f.csv", "--benchmark", "b")
    assert found["benchmark"]["beta"] is None and found["benchmark"]["undefined"]["beta"] == "zero_variance"
    assert found["benchmark"]["undefined"]["up_capture"] == "no_wins" and found["benchmark"]["undefined"]["down_capture"] == "no_losses"


def test_without_times_rows_are_compared(folder, frame):
    frame[["r", "b"]].to_csv(folder / "rows.csv", index=False)
    frame[["b"]].to_csv(folder / "b.csv", index=False)
    found = of(folder / "rows.csv", "--benchmark", folder / "b.csv")
    close(found["benchmark"]["beta"], expected(frame.r.to_numpy(), frame.b.to_numpy())["beta"])
    assert "yearly" not in found["benchmark"] and "calendar" not in found
    frame[["b"]].iloc[:-1].to_csv(folder / "b.csv", index=False)
    refused = fails(3, "metrics", folder / "rows.csv", "--column", "r", "--periods-per-year", 252, "--benchmark", folder / "b.csv")
    assert "899 rows" in refused["message"]


@pytest.mark.parametrize("change, code, words", [
    ({"--benchmark": "nothing"}, 2, "neither a file nor a column"),
    ({"--benchmark": "late.csv"}, 3, "no bar in common"),
    ({"--benchmark": "low.csv"}, 3, "holds no return"),
    ({"--risk-free": "nothing"}, 2, "yearly rate"),
    ({"--risk-free": "late.csv"}, 3, "no bar in common"),
    ({"--risk-free": "half.csv"}, 3, "450 of 900 bars"),
    ({"--sharpe-benchmark": "x"}, 2, "--sharpe-benchmark"),
])
def test_what_cannot_be_compared_is_refused(folder, frame, change, code, words):
    late = frame.assign(timestamp=frame.timestamp + pd.Timedelta(days=9999))
    late[["timestamp", "b"]].to_csv(folder / "late.csv", index=False)
    frame.assign(b=frame.b - 1.5)[["timestamp", "b"]].to_csv(folder / "low.csv", index=False)
    frame[["timestamp", "b"]].iloc[:450].to_csv(folder / "half.csv", index=False)
    refused = fails(code, "metrics", "f.csv", "--column", "r", "--periods-per-year", 252, *(x for pair in change.items() for x in pair), cwd=folder)
    assert words in json.dumps(refused)


def test_a_run_takes_no_benchmark_here(ws):
    (ws / "some").mkdir(parents=True)
    assert "--benchmark" in fails(2, "metrics", "some", "--benchmark", "b", ws=ws)["where"]


def test_the_terminal_shows_groups(folder, frame):
    shown = tw("metrics", folder / "f.csv", "--column", "r", "--benchmark", "b", "--periods-per-year", 252, json_=False).out
    for words in ("return and risk", "tails and shape", "luck", "beside b", "conditional_value_at_risk", "down_capture", "excess", "Aug"): assert words in shown


def test_a_replay_stands_beside_holding(folder, ws, market):
    config = write_config(folder / "c.json", [("SIM01", market.sim01), ("SIM02", market.sim02)], [sma(5, [20, 50])], ppy=252, commission="10bps")
    ok("sweep", config, "--run-id", "r", ws=ws)
    names = [f"SIM0{n}.sma_cross.fast=5,slow=50" for n in (1, 2)]
    alone = ok("replay", "r", names[0], "--equity-out", folder / "e.csv", ws=ws)
    equity, price = pd.read_csv(folder / "e.csv"), pd.read_csv(market.sim01)
    held = ok("replay", "r", names[0], "--benchmark", market.sim01, ws=ws)["benchmark"]
    for name, want in expected(equity["return"].to_numpy()[1:], price.close.pct_change().to_numpy()[1:]).items():
        close(held[name], want, rel=1e-7)
    assert alone["benchmark"]["name"] == "holding SIM01" and alone["benchmark"]["bars"] == len(equity)
    assert alone["benchmark"]["beta"] == pytest.approx(held["beta"], abs=0.02)  # bought at the first open, with costs
    assert [year["year"] for year in alone["benchmark"]["yearly"]] == sorted(pd.to_datetime(equity.timestamp).dt.year.unique())
    both = ok("replay", "r", *names, ws=ws)
    assert both["benchmark"]["name"] == "holding SIM01, SIM02"
    grown = lambda js: np.cumprod([1 + year["benchmark"] for year in js["benchmark"]["yearly"]])
    together = (grown(alone) + grown(ok("replay", "r", names[1], ws=ws))) / 2
    close(list(grown(both)), list(together))
    assert ok("replay", "r", *names, "--benchmark", "SIM02", ws=ws)["benchmark"]["name"] == "holding SIM02"
    assert "benchmark" not in ok("replay", "r", *names, "--benchmark", "none", ws=ws)
    assert "neither a symbol" in fails(2, "replay", "r", *names, "--benchmark", "XYZ", ws=ws)["message"]
    assert "beside holding SIM01" in tw("replay", "r", names[0], ws=ws, json_=False).out


def test_an_ensemble_stands_beside_a_benchmark_out_of_sample(folder, frame):
    draw = np.random.default_rng(5)
    for name in "xyz": frame[name] = 0.0004 + 0.5 * frame.b + draw.normal(0, 0.008, len(frame))
    frame.drop(columns="r").to_csv(folder / "e.csv", index=False)
    frame[["timestamp", "b"]].to_csv(folder / "b.csv", index=False)
    frame[["timestamp", *"xyz"]].to_csv(folder / "bare.csv", index=False)
    call = ("--periods-per-year", 252, "--fit-bars", 300)
    found = ok("ensemble", folder / "e.csv", "--benchmark", "b", *call)
    assert set(found["weights"]) <= set("xyz") and found["strategies"] == 3, "the benchmark is not weighed"
    assert found["benchmark"]["bars"] == found["walk_forward"]["bars"] == 600 and found["benchmark"]["of"] == "walk_forward"
    of_file = ok("ensemble", folder / "bare.csv", "--benchmark", folder / "b.csv", *call)
    for name in ("alpha", "beta", "information_ratio", "up_capture"): close(of_file["benchmark"][name], found["benchmark"][name])
    assert of_file["walk_forward"]["sharpe_ratio"] == ok("ensemble", folder / "bare.csv", *call)["walk_forward"]["sharpe_ratio"]
    even = ok("ensemble", folder / "e.csv", "--benchmark", "b", "--min-weight", 1 / 3, "--max-weight", 0.33334, *call)
    mean = frame[[*"xyz"]].mean(axis=1).to_numpy()[300:]
    for name in ("alpha", "beta", "tracking_error"): close(even["benchmark"][name], expected(mean, frame.b.to_numpy()[300:])[name], rel=1e-3)
    assert "walk-forward" in fails(2, "ensemble", folder / "e.csv", "--benchmark", "b", "--no-walk-forward", *call)["message"]
    assert "neither a file nor a column" in fails(2, "ensemble", folder / "e.csv", "--benchmark", "q", *call)["message"]


def test_days_are_those_that_a_file_writes(folder):
    import datetime as dt, random
    g, day, rows = random.Random(2), dt.date(2020, 1, 2), []
    while len(rows) < 400:
        if day.weekday() < 5: rows.append((day, g.gauss(0, 0.01)))
        day += dt.timedelta(1)
    (folder / "b.csv").write_text("date,ret\n" + "".join(f"{d},{r}\n" for d, r in rows))
    for name, offset in (("utc", ""), ("tokyo", " 00:00:00+09:00"), ("berlin", " 00:00:00+01:00"), ("york", " 00:00:00-05:00")):
        (folder / f"{name}.csv").write_text("date,ret\n" + "".join(f"{d}{offset},{r / 2}\n" for d, r in rows))
        js = ok("metrics", folder / f"{name}.csv", "--periods-per-year", 252, "--benchmark", folder / "b.csv")
        assert js["benchmark"]["beta"] == pytest.approx(0.5, abs=1e-9), name
        if name == "utc": first = js["calendar"]
        assert js["calendar"] == first, name


def test_a_risk_free_rate_that_cannot_be_meant(folder):
    (folder / "r.csv").write_text("date,ret\n" + "".join(f"2020-01-{i:02},{0.001 * (i % 5)}\n" for i in range(1, 29)))
    (folder / "yields.csv").write_text("date,dtb3\n" + "".join(f"2020-01-{i:02},0.045\n" for i in range(1, 29)))
    assert "4.5%" in fails(3, "metrics", folder / "r.csv", "--periods-per-year", 252, "--risk-free", folder / "yields.csv")["hint"]
    assert any("2 % is written 2%" in note for note in ok("metrics", folder / "r.csv", "--periods-per-year", 252, "--risk-free", 2)["notes"])
