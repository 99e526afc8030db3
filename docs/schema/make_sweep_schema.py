#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes sweep.schema.json from what `tradewind --json types` says of the strategy and classifier types, so that the schema and the
program cannot drift apart (a test compares them). Usage: make_sweep_schema.py TRADEWIND > sweep.schema.json"""
import json
import subprocess
import sys


def grid(p):
    number = {"type": "integer" if p["integer"] else "number", "minimum": p["minimum"], "maximum": p["maximum"]}
    return {"description": f"{p['description']}; default {p['default']:g}",
            "anyOf": [number, {"type": "array", "items": number, "minItems": 1, "uniqueItems": True},
                      {"type": "object", "properties": {"from": number, "to": number, "step": {"type": "number", "exclusiveMinimum": 0}}, "required": ["from", "to"], "additionalProperties": False}]}


def typed(t, extra):
    properties = {"type": {"const": t["name"], "description": t["summary"]}, **extra, **{p["name"]: grid(p) for p in t["parameters"]},
                  "where": {"type": "string", "description": "condition on the parameters"}}
    return {"type": "object", "properties": properties, "required": ["type"], "additionalProperties": False}


def schema(types):
    rate = {"anyOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1}, {"type": "string", "pattern": "^ *[0-9.eE+-]+ *(bps|%)? *$"}]}
    closed = {"type": "object", "additionalProperties": False}
    roles = ["timestamp", "time", "open", "high", "low", "close", "volume", "adjusted", "symbol"]
    reading = {"columns": {"anyOf": [{"type": "string"}, {**closed, "properties": {r: {"type": "string"} for r in roles}}], "description": "which column plays which role"},
               "date_format": {"type": "string", "description": "of the times, as strptime has it"}, "day_first": {"type": "boolean", "description": "03/04/2021 is the third of April"},
               "skip_rows": {"type": "integer", "minimum": 0, "maximum": 1000000, "description": "lines before the header"},
               "thousands": {"enum": [",", ".", "'", " ", "space"], "description": "what groups digits"}, "adjusted": {"type": "boolean", "description": "scale all prices by adjusted close / close"},
               "sort": {"type": "boolean", "description": "sort rows by time"}}
    direction = {"direction": {"enum": ["long_only", "long_short"], "default": "long_only"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "tradewind sweep", **closed,
        "required": ["data", "strategies"],
        "properties": {
            "data": {"type": "array", "minItems": 1, "items": {**closed, "required": ["symbol", "path"], "properties": {
                "symbol": {"type": "string", "pattern": r'^[^\x00-\x1f,;<>"\\`\x7f]{1,60}$'}, **reading, "path": {"type": "string"}, "zone": {"type": "string", "description": "IANA zone of times without offset"},
                "fill": {"enum": ["next_open", "next_close", "close"], "description": "of this symbol; default: execution.fill"},
                "periods_per_year": {"type": "number", "minimum": 0.001, "maximum": 1e9, "description": "of this symbol; default: annualization.periods_per_year, else its own calendar"}}}},
            "annualization": {**closed, "properties": {"periods_per_year": {"type": "number", "minimum": 0.001, "maximum": 1e9}, "risk_free": {"type": "number", "minimum": -0.5, "maximum": 10}}},
            "execution": {**closed, "properties": {"fill": {"enum": ["next_open", "next_close", "close"], "default": "next_open"}, "commission": rate,
                                                   "slippage": {**closed, "properties": {"model": {"enum": ["linear", "sqrt"], "default": "linear"}, "rate": rate}}}},
            "strategies": {"type": "array", "minItems": 1, "items": {"anyOf": [typed(t, direction) for t in types["strategies"]]}},
            "classifiers": {"type": "array", "items": {"anyOf": [typed(t, {}) for t in types["classifiers"]]}},
        },
    }


if __name__ == "__main__":
    types = json.loads(subprocess.run([sys.argv[1], "--json", "types"], check=True, capture_output=True, text=True).stdout)
    print(json.dumps(schema(types), indent=1))
