"""An edition of one question and one wave, just large enough to be described; its words are hostile."""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.programme.config import PROGRAMME
from orchestration.publication.description import Declared, Description, describe
from tests.unit.reporting_fixture import CONFIG

HOSTILE = 'Êtes-vous <satisfait> & "content" ?\x0b'
_TABLES = """
create table dim_dispositif (dispositif_code varchar primary key, libelle varchar, est_principal boolean);
create table dim_vague (vague varchar primary key, dispositif_code varchar, libelle varchar, ordre bigint,
    terrain_debut date, terrain_fin date, mode_collecte varchar, institut varchar, nb_organismes bigint,
    nb_entretiens bigint, appeles bigint, entretiens_des_appeles bigint);
create table obs_couverture (vague varchar, organisme_code varchar, statut varchar, entretiens_vises bigint, parc bigint);
create table dim_theme (theme_code varchar primary key, ordre bigint, libelle varchar);
create table dim_question (question_code varchar primary key, theme_code varchar, ordre bigint, libelle varchar,
    formulation varchar, echelle_libelle varchar, type varchar, nature varchar, filtre varchar);
create table dim_modalite (question_code varchar, modalite_code varchar, ordre bigint, libelle varchar,
    statut_reponse varchar, est_exclusive boolean, primary key (question_code, modalite_code));
create table dim_segment (axe varchar, segment varchar, axe_ordre bigint, ordre bigint, axe_libelle varchar,
    libelle varchar, primary key (axe, segment));
create table fct_satisfaction (vague varchar, perimetre_type varchar, axe varchar, question_code varchar,
    base_brute bigint, base_ponderee double, base_efficace double, taux_satisfaits double, statut varchar);
create table meta_edition (edition varchar primary key, publiee_le timestamp);
comment on column meta_edition.edition is 'Date et heure de l''édition.';
comment on column meta_edition.publiee_le is 'Un jour dont aucun catalogue ne parle.';
insert into dim_dispositif values ('E', 'Enquête', true);
insert into dim_vague values ('V2', 'E', 'Vague 2', 2, '2026-01-05', '2026-02-01', 'telephone', 'Un institut', 3, 90, null, null),
    ('V1', 'E', 'Vague 1', 1, '2023-01-05', '2023-02-01', 'postal', 'Un autre', 3, 80, 200, 80);
insert into obs_couverture values ('V2', 'A', 'inclus', 100, 1000), ('V2', 'B', 'rejete', 50, 500),
    ('V2', 'C', 'non_concerne', 7, 70);
insert into dim_theme values ('1', 1, 'Accueil');
insert into dim_modalite values ('Q1', 'OUI', 1, 'Oui', 'exprime', false), ('Q1', 'NSP', 2, 'Ne sait pas', 'ne_sait_pas', true);
insert into dim_segment values ('ensemble', 'tous', 0, 1, 'Ensemble', 'Tous');
insert into fct_satisfaction values ('V2', 'region', 'ensemble', 'Q1', 90, 900, 80, 0.5, 'V'),
    ('V2', 'region', 'ensemble', 'Q1', null, null, null, null, 'S');
insert into meta_edition values ('V2-1.0', '2026-03-02 10:00:00');
"""
KNOWN = Declared(
    roles={
        "fct_satisfaction": {"vague": "cle", "taux_satisfaits": "mesure", "base_brute": "mesure", "statut": "statut"}
    },
    units={("fct_satisfaction", "taux_satisfaits"): "part", ("fct_satisfaction", "base_brute"): "reponses"},
    bases={("fct_satisfaction", "taux_satisfaits"): ("base_brute",)},
    asked={"Q1": {"V2": "identique", "V1": "premiere"}},
)


def small(**over: Any) -> Description:
    """Returns its description, programme.yaml saying otherwise what `over` says; None: it does not say it at all."""
    said = {name: value for name, value in {**CONFIG, **over}.items() if value is not None}
    with duckdb.connect() as session:
        session.execute("attach ':memory:' as edition; create schema edition.observatoire; use edition.observatoire")
        session.execute(_TABLES)
        question = ["Q1", "1", 1, "Satisfait", HOSTILE, "Oui ou non", "multiple", "satisfaction", "Q0 = 'OUI'"]
        session.execute(f"insert into dim_question values ({', '.join('?' * len(question))})", question)
        return describe(session, PROGRAMME.validate_python(said), KNOWN)
