-- The tables of the public contract, with the columns that the report reads.
create schema observatoire;
set schema = 'observatoire';
create table dim_vague (vague text, libelle text, ordre int, terrain_debut date, terrain_fin date,
    mode_collecte text, institut text, appeles bigint, joints bigint, refus bigint, entretiens_des_appeles bigint);
create table dim_organisme (organisme_cle text, organisme_code text, nom text, famille text, departement
    text, siren text, valide_de date, valide_a date, label_qualite text);
create table dim_perimetre (perimetre_type text, perimetre text, libelle text, ordre int, type_libelle text,
    parent_type text, parent text);
create table dim_theme (theme_code text, ordre int, libelle text, definition text);
create table dim_question (question_code text, theme_code text, theme text, ordre int, libelle text,
    formulation text, echelle text, nature text, filtre text, est_globale boolean, premiere_vague text, derniere_vague
    text, equivalence text);
create table dim_modalite (question_code text, modalite_code text, ordre int, libelle text, note double,
    est_satisfait boolean, groupe_nps text, statut_reponse text);
create table dim_segment (axe text, axe_libelle text, axe_ordre int, segment text, ordre int, libelle
    text, millesime text);
create table fct_satisfaction (vague text, perimetre_type text, perimetre text, axe text, segment text,
    question_code text, nb_organismes int, base_brute bigint, base_ponderee double, base_efficace double, ddl bigint, strates_reunies boolean,
    intervalle_indicatif boolean,
    note_effet_plan double, taux_effet_plan double,
    note_moyenne double, note_erreur_type double, note_ic_bas double, note_ic_haut double, taux_satisfaits
    double, taux_erreur_type double, taux_ic_bas double, taux_ic_haut double, note_non_ponderee double,
    note_moyenne_organismes double, note_imprimee double, note_imprimee_ic_bas double,
    note_imprimee_ic_haut double, taux_imprime double, taux_imprime_ic_bas double, taux_imprime_ic_haut double,
    taux_non_pondere double, taux_moyenne_organismes double, part_promoteurs double, part_passifs double,
    part_detracteurs double, nps double, nps_ic_bas double, nps_ic_haut double, statut text, motif_statut text);
create table fct_distribution (vague text, perimetre_type text, perimetre text, axe text, segment text,
    question_code text, modalite_code text, part double, part_ic_bas double, part_ic_haut double, base_brute bigint,
    effectif bigint, statut text);
create table fct_evolution (vague text, vague_precedente text, perimetre_type text, perimetre text, axe
    text, segment text, question_code text, methode text, meme_institut boolean, ecart_note double, ecart_taux double,
    erreur_type double, p_valeur double, verdict text, organismes_en_hausse int, organismes_stables int,
    organismes_non_significatifs int, organismes_en_baisse int, statut text);
create table fct_reference_nationale (source text, libelle_source text, population text, unite text, vague
    text, question_code text, valeur double, base_effectif bigint, erreur_type double, est_comparable boolean, millesime text, licence text, url text);
create table fct_ecart_reference (vague text, perimetre_type text, perimetre text, question_code text,
    source text, unite text, millesime text, valeur double, reference double, ecart double, p_valeur
    double, verdict text, motif_verdict text, statut text);
create table fct_motif (vague text, perimetre_type text, perimetre text, question_code text, motif text,
    part double, part_ic_bas double, part_ic_haut double, base_brute bigint, effectif bigint, statut text);
create table obs_indicateur (question_code text, theme_code text, theme text, libelle text, nature text, vague text, note_moyenne
    double, decimales bigint, evolution double, verdict text, motif_verdict text, vague_premiere text, verdict_premiere text,
    tendance_vagues bigint, reference double, reference_unite text, ecart_reference double, verdict_reference text, phrase text, phrase_sans_libelle text, statut text, motif_statut text);
create table obs_couverture (vague text, organisme_code text, statut text, motif text, nb_entretiens
    bigint, parc bigint, part_parc double, lignes_rejetees bigint, entretiens_vises bigint);
create table obs_qualite (livraison text, fichier text, vague text, porte text, regle text, libelle text, gravite text, tenue boolean,
    nb_lignes bigint, exemple text);
create table meta_edition (edition text, publiee_le timestamp, revision text, nb_entretiens bigint,
    entrees text, protection double, plancher bigint, organismes_plein_chiffre bigint);
create table fct_priorite (vague text, perimetre_type text, perimetre text, question_globale text, niveau text,
    code text, theme_code text, libelle text, importance double, importance_ic_bas double, importance_ic_haut double,
    rang int, rang_ic_bas int, rang_ic_haut int, note double, lecture text, base_brute bigint, part_expliquee double, statut text, motif_statut text);
create table fct_quartile (vague text, perimetre_type text, perimetre text, groupe_type text, groupe text,
    question_code text, mesure text, quartile_1 double, mediane double, quartile_3 double, statut text,
    motif_statut text);
create table fct_sensibilite (vague text, perimetre_type text, perimetre text, axe text, segment text,
    question_code text, bareme text, bareme_version text, bareme_libelle text, note double, verdict text,
    change_verdict boolean, statut text, motif_statut text);
create table fct_profil_comparable (vague text, perimetre_type text, perimetre text, axe text, question_code text,
    note_moyenne double, note_profil_comparable double, note_region double, statut text, motif_statut text);
create table dim_engagement (engagement_code text, organisme_code text, organisme text, theme_code text, theme text, ordre int,
    texte text, debut date, fin date, etat text, preuve text, situation text, vague_depart text);
create table pont_engagement_question (engagement_code text, question_code text, organisme_code text);
