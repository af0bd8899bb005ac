{#-
    Les mesures : ce qu'une question à réponse unique permet de chiffrer. Déclarer une mesure ici, et ses colonnes dans le YAML du
    mart, suffit à la faire estimer, comparer, masquer et publier ; aucun modèle n'en nomme une sans raison propre.

    Le texte est du YAML, que `fromyaml` lit. Une mesure a :
    - `nom` : sa valeur dans la colonne `mesure` des tables longues ;
    - `valeur` : ce qu'une modalité exprimée y vaut, expression des colonnes de `exprimees` dans int_valeurs ; nul, la modalité est
      hors de la mesure, et une mesure sans aucune valeur n'existe pas pour la question ;
    - `est_part` : vrai si les valeurs sont 0 et 1, donc l'intervalle celui de Wilson ;
    - `colonnes` : les colonnes publiées qu'elle donne à int_satisfaction, chacune avec la statistique d'où elle vient : une
      colonne de int_estimation, ou une borne d'intervalle (`ic_bas`, `ic_haut`, `imprimee_ic_bas`, `imprimee_ic_haut`) ;
    - `evolution`, `comparaison` et `profil`, au choix : de même, les colonnes de int_evolution, de int_comparaison et de int_profil.
      Une mesure qui n'en déclare pas n'y est pas.
-#}
{% macro mesures() -%}
- nom: base
  valeur: >-
    1.0
  est_part: false
  colonnes:
    nb_organismes: nb_organismes
    base_brute: base_brute
    base_ponderee: base_ponderee
    base_efficace: base_efficace
    ddl: ddl
    nb_strates: nb_strates
    strates_reunies: strates_reunies
- nom: note
  valeur: >-
    note
  est_part: false
  colonnes:
    note_moyenne: moyenne
    note_erreur_type: erreur_type
    note_ic_bas: ic_bas
    note_ic_haut: ic_haut
    note_effet_plan: effet_plan
    note_non_ponderee: moyenne_non_ponderee
    note_moyenne_organismes: moyenne_organismes
    note_moyenne_organismes_erreur_type: moyenne_organismes_erreur_type
    note_moyenne_parc: moyenne_parc
    note_moyenne_parc_erreur_type: moyenne_parc_erreur_type
    note_imprimee: imprimee
    note_imprimee_erreur_type: imprimee_erreur_type
    note_imprimee_ic_bas: imprimee_ic_bas
    note_imprimee_ic_haut: imprimee_ic_haut
    note_somme: somme
  evolution:
    note_moyenne: valeur
    note_precedente: valeur_precedente
    ecart_note: ecart
    erreur_type: erreur_type
    ecart_note_ic_bas: ic_bas
    ecart_note_ic_haut: ic_haut
  comparaison:
    note_moyenne: valeur
    note_comparee: valeur_comparee
    ecart_note: ecart
    erreur_type: erreur_type
    ecart_note_ic_bas: ic_bas
    ecart_note_ic_haut: ic_haut
  profil:
    note_moyenne: valeur
    note_profil_comparable: profil
    note_profil_erreur_type: erreur_type
    note_profil_ic_bas: ic_bas
    note_profil_ic_haut: ic_haut
    note_region: region
- nom: taux
  valeur: >-
    {{ un_ou_zero('est_satisfait') }}
  est_part: true
  colonnes:
    taux_satisfaits: moyenne
    taux_erreur_type: erreur_type
    taux_ic_bas: ic_bas
    taux_ic_haut: ic_haut
    taux_effet_plan: effet_plan
    taux_non_pondere: moyenne_non_ponderee
    taux_moyenne_organismes: moyenne_organismes
    taux_moyenne_organismes_erreur_type: moyenne_organismes_erreur_type
    taux_moyenne_parc: moyenne_parc
    taux_moyenne_parc_erreur_type: moyenne_parc_erreur_type
    taux_imprime: imprimee
    taux_imprime_erreur_type: imprimee_erreur_type
    taux_imprime_ic_bas: imprimee_ic_bas
    taux_imprime_ic_haut: imprimee_ic_haut
    effectif_satisfaits: effectif
    poids_satisfaits: somme
  evolution:
    taux_satisfaits: valeur
    taux_precedent: valeur_precedente
    ecart_taux: ecart
    erreur_type_taux: erreur_type
    ecart_taux_ic_bas: ic_bas
    ecart_taux_ic_haut: ic_haut
  comparaison:
    taux_satisfaits: valeur
    taux_compare: valeur_comparee
    ecart_taux: ecart
    erreur_type_taux: erreur_type
    ecart_taux_ic_bas: ic_bas
    ecart_taux_ic_haut: ic_haut
  profil:
    taux_satisfaits: valeur
    taux_profil_comparable: profil
    taux_profil_erreur_type: erreur_type
    taux_region: region
- nom: tres_satisfaits
  valeur: >-
    {{ un_ou_zero('est_tres_satisfait') }}
  est_part: true
  colonnes:
    part_tres_satisfaits: moyenne
    part_tres_satisfaits_erreur_type: erreur_type
    part_tres_satisfaits_non_ponderee: moyenne_non_ponderee
- nom: tres_insatisfaits
  valeur: >-
    {{ un_ou_zero('est_tres_insatisfait') }}
  est_part: true
  colonnes:
    part_tres_insatisfaits: moyenne
    part_tres_insatisfaits_erreur_type: erreur_type
    part_tres_insatisfaits_non_ponderee: moyenne_non_ponderee
- nom: promoteurs
  valeur: >-
    {{ un_ou_zero("groupe_nps = 'promoteur'") }}
  est_part: true
  colonnes:
    part_promoteurs: moyenne
- nom: passifs
  valeur: >-
    {{ un_ou_zero("groupe_nps = 'passif'") }}
  est_part: true
  colonnes:
    part_passifs: moyenne
- nom: detracteurs
  valeur: >-
    {{ un_ou_zero("groupe_nps = 'detracteur'") }}
  est_part: true
  colonnes:
    part_detracteurs: moyenne
- nom: nps
  valeur: >-
    case groupe_nps when 'promoteur' then 100.0 when 'passif' then 0.0 when 'detracteur' then -100.0 end
  est_part: false
  colonnes:
    nps: moyenne
    nps_erreur_type: erreur_type
    nps_ic_bas: ic_bas
    nps_ic_haut: ic_haut
    nps_non_pondere: moyenne_non_ponderee
{%- endmacro %}

{#- La mesure qu'est la note sous un barème déclaré, employé pour tous : une par barème, en plus de celles que `mesures` déclare. -#}
{% macro note_sous_bareme(bareme, version) -%}
    'note ' || {{ bareme }} || ' ' || {{ version }}
{%- endmacro %}

{#- Vrai pour une mesure que `mesures` déclare, faux pour une note sous un barème. -#}
{% macro est_declaree(mesure) -%}
    {{ mesure }} in ('{{ fromyaml(mesures()) | map(attribute='nom') | join("', '") }}')
{%- endmacro %}

{#-
    Les statistiques dont une mesure a besoin pour ses `colonnes`, sans doublon, séparées par des virgules : des colonnes de
    int_estimation, une borne d'intervalle étant faite de l'estimation et de son erreur type.
-#}
{% macro statistiques(mesure) -%}
    {%- set noms = [] -%}
    {%- for statistique in mesure.colonnes.values() -%}
        {%- set sources = {
            'ic_bas': ['moyenne', 'erreur_type'],
            'ic_haut': ['moyenne', 'erreur_type'],
            'imprimee_ic_bas': ['imprimee', 'imprimee_erreur_type'],
            'imprimee_ic_haut': ['imprimee', 'imprimee_erreur_type'],
        }.get(statistique, [statistique]) -%}
        {%- for source in sources if source not in noms -%}
            {%- do noms.append(source) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ noms | join(',') }}
{%- endmacro %}

{#-
    L'expression d'une colonne publiée, dans int_satisfaction : la statistique de la mesure, ou une borne de son intervalle au quantile
    de Student `t`. Une moyenne a pour bornes ± t erreurs types ; une part, celles de Wilson.
-#}
{% macro colonne_publiee(mesure, statistique) -%}
    {%- set signe = {'bas': -1, 'haut': 1}.get(statistique.split('_')[-1]) if '_ic_' in '_' ~ statistique else none -%}
    {%- if signe is none -%}
        {{ mesure.nom }}__{{ statistique }}
    {%- else -%}
        {%- set imprimee = statistique.startswith('imprimee') -%}
        {%- set valeur = mesure.nom ~ ('__imprimee' if imprimee else '__moyenne') -%}
        {%- set erreur = mesure.nom ~ ('__imprimee_erreur_type' if imprimee else '__erreur_type') -%}
        {%- if mesure.est_part -%}
            {{ borne_wilson(valeur, c_wilson('t', valeur, erreur, 'variance_limite', 'base__ddl'), signe) }}
        {%- else -%}
            {{ valeur }} {{ '-' if signe < 0 else '+' }} t * {{ erreur }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Vrai pour une mesure qui déclare des colonnes pour la table dite : `evolution`, `comparaison` ou `profil`. -#}
{% macro a_des_colonnes(mesure, table) -%}
    {{ mesure }} in ('{{ fromyaml(mesures()) | selectattr(table, 'defined') | map(attribute='nom') | join("', '") }}')
{%- endmacro %}

{#-
    L'expression d'une colonne de int_evolution, int_comparaison ou int_profil : la statistique de la mesure, ou une borne de
    l'intervalle autour de sa statistique `centre`.
-#}
{% macro ecart_publie(mesure, statistique, centre='ecart') -%}
    {%- set signe = {'ic_bas': '-', 'ic_haut': '+'}.get(statistique) -%}
    {%- if signe -%}
        {{ mesure.nom }}__{{ centre }} {{ signe }} t * {{ mesure.nom }}__erreur_type
    {%- else -%}
        {{ mesure.nom }}__{{ statistique }}
    {%- endif -%}
{%- endmacro %}
