"""Tests of the contract: the documents that upstream systems read, checked by validators that are not ours."""
