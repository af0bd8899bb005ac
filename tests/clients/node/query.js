// Answers one query on a published file as JSON: node query.js FILE, the query on standard input.
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(process.argv[2], { access_mode: "READ_ONLY" });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(readFileSync(0, "utf8"));
console.log(JSON.stringify(reader.getRowObjectsJson()));
