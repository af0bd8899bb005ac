{#-
    La passe de comptage, engendrée du questionnaire : GROUPING SETS sur la forme large, qui compte toutes les modalités d'une
    question pour l'ensemble et pour chaque axe à la fois.
-#}

{#- Ce qu'il y a à compter : { axes, strates, segments par axe, questions: [{code, multiple, exprimees, modalites}] }. -#}
{% macro questionnaire() -%}
    {%- set axes = run_query(
        "select axe from " ~ ref('stg_axes') ~ " where axe <> 'ensemble' order by ordre, axe"
    ).columns[0].values() -%}
    {%- set strates = run_query(
        "select distinct strate from " ~ ref('stg_plan_sondage') ~ " order by strate"
    ).columns[0].values() -%}
    {%- set segments = {} -%}
    {%- for ligne in run_query("select axe, segment from " ~ ref('stg_segments') ~ " order by axe, ordre, segment").rows -%}
        {%- do segments.setdefault(ligne[0], []).append(ligne[1]) -%}
    {%- endfor -%}
    {%- set questions = {} -%}
    {%- for ligne in run_query(
        "select question_code, type, modalite_code, statut_reponse from " ~ ref('int_modalites')
        ~ " order by question_code, ordre, modalite_code"
    ).rows -%}
        {%- set question = questions.setdefault(
            ligne[0], {'code': ligne[0], 'multiple': ligne[1] == 'multiple', 'modalites': [], 'exprimees': []}
        ) -%}
        {%- do question.modalites.append(ligne[2]) -%}
        {%- if ligne[3] == 'exprime' -%}
            {%- do question.exprimees.append(ligne[2]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({'axes': axes, 'strates': strates, 'segments': segments, 'questions': questions.values() | list}) }}
{%- endmacro %}


{#-
    Les réponses des lots à compter, prêtes à l'être : clés et modalités ramenées à des codes courts, chaque colonne lue
    une seule fois. Compter droit dans les fichiers coûte le double : 48 fichiers s'y ouvrent une fois par question.
-#}
{% macro preparer_reponses() -%}
    {%- set plan = questionnaire() if compter() else none -%}
    {%- set fichiers = lots_a_compter(empreinte_du_comptage(plan), 'entretiens') if compter() else [] -%}
    {%- if fichiers -%}
    {%- call provisoire('reponses_a_compter') %}
    select
        lots.lot,
        {{ code_court('reponses.strate', plan.strates) }} as strate,
        coalesce(reponses.unite_primaire, '') as unite_primaire,
        {{ virgule_fixe('reponses.poids') }} as poids,
        {{ virgule_fixe('reponses.poids * reponses.poids') }} as poids_carre,
        {%- for axe in plan.axes %}
        {{ code_court("coalesce(reponses." ~ adapter.quote(axe) ~ ", 'NR')", plan.segments[axe]) }} as {{ adapter.quote(axe) }},
        {%- endfor %}
        {%- for question in plan.questions %}
        {%- set colonne = 'reponses.' ~ adapter.quote(question.code) %}
        {{ codes_courts(colonne, question.modalites) if question.multiple else code_court(colonne, question.modalites) }}
            as {{ adapter.quote(question.code) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ lire_reponses(fichiers) }} as reponses
    inner join ({{ lots_numerotes() }}) as lots
        on
            reponses.vague = lots.vague
            and reponses.organisme_code = lots.organisme_code
    {%- endcall -%}
    {%- else -%}
    select 1
    {%- endif -%}
{%- endmacro %}


{#- Un numéro court par lot : la clé de regroupement la moins chère. -#}
{% macro lots_numerotes() -%}
    select
        vague,
        organisme_code,
        empreinte,
        cast(row_number() over (order by vague, organisme_code) as int) as lot
    from {{ ref('stg_lots') }}
{%- endmacro %}


{#- Compiler sans construire ne doit rien lire : les vues de préparation n'existent peut-être pas encore. -#}
{% macro compter() -%}
    {{ return(execute and flags.WHICH in ('build', 'run', 'retry')) }}
{%- endmacro %}


{#- La requête entière. -#}
{% macro requete_de_comptage(plan) -%}
    {{ return(adapter.dispatch('requete_de_comptage', 'observatoire')(plan)) }}
{%- endmacro %}

{#- Une branche par question : DuckDB ne lit que les colonnes qu'elle regroupe. -#}
{% macro default__requete_de_comptage(plan) -%}
    {%- for question in plan.questions %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    {{ compter_question(plan.axes, question) }}
    {%- if question.multiple %}
    union all
    {{ compter_repondants(plan.axes, question) }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{#-
    Une seule branche pour Spark, qui ouvrirait les fichiers et préparerait un calcul à chaque question : les questions mises en
    lignes, chacune avec la liste de ses modalités ; * s'ajoute à la liste quand elle en a une d'exprimée.
-#}
{% macro spark__requete_de_comptage(plan) -%}
    {%- set axes = plan.axes -%}
    {%- set listes = [] -%}
    {%- for question in plan.questions -%}
        {%- set colonne = adapter.quote(question.code) -%}
        {%- if question.multiple -%}
            {%- do listes.append(
                'case when ' ~ contient_un_de(colonne, question.exprimees) ~ ' then array_append(' ~ colonne ~ ", '*') else "
                ~ colonne ~ ' end'
            ) -%}
        {%- else -%}
            {%- do listes.append('array(' ~ colonne ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    select
        {{ cles_de_comptage(axes) }}
        question_code,
        modalite_code,
        {{ mesures_de_comptage() }}
    from (
        select
            * except (modalites),
            explode(modalites) as modalite_code
        from (
            select
                {{ a_regrouper(axes) }}
                stack(
                    {{ plan.questions | length }}
                    {%- for question in plan.questions %},
                    '{{ question.code }}', {{ listes[loop.index0] }}
                    {%- endfor %}
                ) as (question_code, modalites)
            from reponses_a_compter
        ) as questions
    ) as cellules
    {{ regroupements(axes, ['question_code', 'modalite_code']) }}
{%- endmacro %}


{#- Une question : l'ensemble et chaque axe, en un passage. -#}
{% macro compter_question(axes, question) -%}
    {%- set colonne = adapter.quote(question.code) -%}
    select
        {{ cles_de_comptage(axes) }}
        '{{ question.code }}' as question_code,
        cast(modalite_code as {{ dbt.type_string() }}) as modalite_code,
        {{ mesures_de_comptage() }}
    from (
        select
            {{ a_regrouper(axes) }}
            {{ eclater(colonne) if question.multiple else colonne }} as modalite_code
        from reponses_a_compter
    ) as cellules
    {{ regroupements(axes, ['modalite_code']) }}
{%- endmacro %}


{#- La base d'une question à plusieurs réponses : les entretiens qui ont au moins une réponse exprimée, sous le code réservé *. -#}
{% macro compter_repondants(axes, question) -%}
    select
        {{ cles_de_comptage(axes) }}
        '{{ question.code }}' as question_code,
        '*' as modalite_code,
        {{ mesures_de_comptage() }}
    from reponses_a_compter
    where {{ contient_un_de(adapter.quote(question.code), question.exprimees) }}
    {{ regroupements(axes, []) }}
{%- endmacro %}


{#- Ce dont les clés et les mesures sont faites, à côté de la réponse. -#}
{% macro a_regrouper(axes) -%}
            lot,
            strate,
            unite_primaire,
            poids,
            poids_carre,
            {%- for axe in axes %}
            {{ adapter.quote(axe) }},
            {%- endfor %}
{%- endmacro %}


{#- grouping() dit à quel axe appartient la ligne ; les autres axes y sont nuls. -#}
{% macro cles_de_comptage(axes) -%}
        lot,
        cast(strate as {{ dbt.type_string() }}) as strate,
        unite_primaire,
        {%- if axes %}
        case
            {%- for axe in axes %}
            when grouping({{ adapter.quote(axe) }}) = 0 then '{{ axe }}'
            {%- endfor %}
            else 'ensemble'
        end as axe,
        case
            {%- for axe in axes %}
            when grouping({{ adapter.quote(axe) }}) = 0 then cast({{ adapter.quote(axe) }} as {{ dbt.type_string() }})
            {%- endfor %}
            else 'tous'
        end as segment,
        {%- else %}
        'ensemble' as axe,
        'tous' as segment,
        {%- endif %}
{%- endmacro %}


{#- Ce qui est compté de chaque cellule : les entretiens, la somme de leurs poids et celle de leurs carrés. -#}
{% macro mesures_de_comptage() -%}
        cast(count(*) as double) as n,
        {{ de_virgule_fixe('sum(poids)') }} as poids_somme,
        {{ de_virgule_fixe('sum(poids_carre)') }} as poids_carre_somme
{%- endmacro %}


{#- Les regroupements d'un passage : l'ensemble, puis chaque axe ; `suite` s'ajoute aux clés de tous. -#}
{% macro regroupements(axes, suite) -%}
    {%- set cles = (['lot', 'strate', 'unite_primaire'] + suite) | join(', ') -%}
    group by grouping sets (
        ({{ cles }})
        {%- for axe in axes %},
        ({{ cles }}, {{ adapter.quote(axe) }})
        {%- endfor %}
    )
{%- endmacro %}


{#- Empreinte de la requête : si le questionnaire, les axes ou ce code changent, tout est recompté. -#}
{% macro empreinte_du_comptage(plan) -%}
    {{ return(local_md5(requete_de_comptage(plan))) }}
{%- endmacro %}


{#- Ce que livrent déjà compté les organismes sans entretiens : lu tel quel, au même grain. -#}
{% macro reprendre_comptages(fichiers) -%}
    select
        lots.lot,
        comptages.strate,
        '' as unite_primaire,
        comptages.axe,
        comptages.segment,
        comptages.question_code,
        comptages.modalite_code,
        comptages.n,
        comptages.poids_somme,
        comptages.poids_carre_somme
    from {{ lire_reponses(fichiers) }} as comptages
    inner join lots
        on
            comptages.vague = lots.vague
            and comptages.organisme_code = lots.organisme_code
{%- endmacro %}


{#- Lots élus d'une nature qui ne sont pas, ou plus, comptés tels quels. -#}
{% macro lots_a_compter(empreinte_calcul, nature) -%}
    {%- set deja -%}
        {%- if is_incremental() %}
    and not exists (
        select 1
        from {{ this }} as comptes
        where
            comptes.vague = lots.vague
            and comptes.organisme_code = lots.organisme_code
            and comptes.empreinte = lots.empreinte
            and comptes.empreinte_calcul = '{{ empreinte_calcul }}'
    )
        {%- endif %}
    {%- endset -%}
    {{ return(run_query(
        "select lots.fichier from " ~ ref('stg_lots') ~ " as lots where lots.nature = '" ~ nature ~ "'"
        ~ deja ~ " order by lots.fichier"
    ).columns[0].values()) }}
{%- endmacro %}


{#- Avant d'insérer : ce qui vient d'un lot qui n'est plus élu, ou d'un autre calcul, s'en va. -#}
{% macro oublier_lots_perimes() -%}
    {%- if compter() and is_incremental() -%}
    delete from {{ this }}
    where
        empreinte_calcul <> '{{ empreinte_du_comptage(questionnaire()) }}'
        or not exists (
            select 1
            from {{ ref('stg_lots') }} as lots
            where
                lots.vague = {{ this.identifier }}.vague
                and lots.organisme_code = {{ this.identifier }}.organisme_code
                and lots.empreinte = {{ this.identifier }}.empreinte
        )
    {%- else -%}
    select 1
    {%- endif -%}
{%- endmacro %}
